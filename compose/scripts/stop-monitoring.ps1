# Stops what start-monitoring.ps1 started and keeps its data.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')
docker compose down
exit $LASTEXITCODE
