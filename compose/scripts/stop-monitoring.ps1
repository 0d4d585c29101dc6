# Stops the monitoring and keeps its data; the platform goes on. Both: stop-monitoring.ps1 all; the platform's data stay too.
param([ValidateSet('monitoring', 'all')][string]$What = 'monitoring')
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')
if ($What -eq 'all') {
    docker compose --profile '*' down
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
docker compose -f monitoring.yaml down
exit $LASTEXITCODE
