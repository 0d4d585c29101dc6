# Stops the monitoring and deletes its data: metrics, traces, logs, dashboards' state. Never the events, the views and the archive:
# they belong to the platform, a project of its own, which this does not name.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')
docker compose -f monitoring.yaml down --volumes --remove-orphans
exit $LASTEXITCODE
