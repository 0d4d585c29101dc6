# Stops what start-monitoring.ps1 started and deletes its data: events, views, metrics, traces, dashboards' state.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')
docker compose down --volumes --remove-orphans
exit $LASTEXITCODE
