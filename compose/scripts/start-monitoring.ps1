# Starts the stack and prints where everything is.
#   start-monitoring.ps1           collector, Jaeger, Loki, Prometheus, Grafana; the roles run on this machine
#   start-monitoring.ps1 all       these, and every role, NATS and PostgreSQL in containers
#   start-monitoring.ps1 cluster   the same with three servers of NATS: for a log that is new
param([ValidateSet('monitoring', 'all', 'cluster')][string]$What = 'monitoring')
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')

function New-Secret {
    $bytes = New-Object byte[] 24
    $generator = [System.Security.Cryptography.RandomNumberGenerator]::Create()
    $generator.GetBytes($bytes)
    -join ($bytes | ForEach-Object { $_.ToString('x2') })
}
function Get-Value([string]$Name) { (Select-String -Path .env -Pattern "^$Name=(.*)$").Matches[0].Groups[1].Value }
function Set-Value([string]$Name, [string]$Value) {
    $lines = Get-Content .env | ForEach-Object { if ($_ -match "^$Name=") { "$Name=$Value" } else { $_ } }
    Set-Content -Path .env -Value $lines -Encoding ascii
}

if (-not (Test-Path .env)) {
    $secrets = 'GF_SECURITY_ADMIN_PASSWORD', 'POSTGRES_PASSWORD', 'ALLY_JWT_SECRET', 'ALLY_WEBHOOK_KEY'
    $lines = Get-Content .env.example | ForEach-Object {
        if ($secrets -contains $_.TrimEnd('=') -and $_.EndsWith('=')) { $_ + (New-Secret) } else { $_ }
    }
    Set-Content -Path .env -Value $lines -Encoding ascii
    Write-Output 'Wrote compose/.env with new secrets.'
}

# What a newer version has more, as the example has it, and a key that is new is drawn; nothing of yours is changed.
if (-not (Select-String -Path .env -Pattern '^ALLY_WEBHOOK_KEY=' -Quiet)) {
    Add-Content -Path .env -Value "ALLY_WEBHOOK_KEY=$(New-Secret)" -Encoding ascii
}
foreach ($line in Get-Content .env.example) {
    if ($line -match '^([A-Z_]+)=' -and -not (Select-String -Path .env -Pattern "^$($Matches[1])=" -Quiet)) {
        Add-Content -Path .env -Value $line -Encoding ascii
    }
}

if ($What -eq 'cluster') {
    $alone = (Get-Value NATS_CONFIG) -ne 'cluster.conf'
    if ($alone -and (docker volume ls --quiet --filter name=^ally_nats-data$)) {
        Write-Error "The log of a single server is there (the volume ally_nats-data), and a cluster does not take it over: start with 'all', or use a machine without it."
        exit 2
    }
    Set-Value COMPOSE_PROFILES 'core,observability,cluster'
    Set-Value NATS_CONFIG 'cluster.conf'
    Set-Value NATS_REPLICAS '3'
    Set-Value NATS_URLS 'nats://nats:4222,nats://nats-2:4222,nats://nats-3:4222'
    Set-Value NATS_MONITOR_URLS 'http://nats:8222 http://nats-2:8222 http://nats-3:8222'
}

New-Item -ItemType Directory -Force secrets | Out-Null
function Write-Secret([string]$File, [string]$Name) {
    Set-Content -Path "secrets/$File" -Value (Get-Value $Name) -Encoding ascii -NoNewline
}
Write-Secret postgres_password POSTGRES_PASSWORD
Write-Secret grafana_admin_password GF_SECURITY_ADMIN_PASSWORD
Write-Secret slack_api_url SLACK_API_URL
Write-Secret pagerduty_routing_key PAGERDUTY_ROUTING_KEY

if (-not (docker network ls --quiet --filter name=^ally-monitoring$)) { docker network create ally-monitoring | Out-Null }

if ($What -eq 'monitoring') {
    $env:PROMETHEUS_CONFIG = 'host.yml'
    try { docker compose -f monitoring.yaml up --detach --build --wait } finally { Remove-Item Env:PROMETHEUS_CONFIG }
} else {
    docker compose -f monitoring.yaml up --detach --build --wait
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    docker compose up --detach --build --wait
}
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

Write-Output "Grafana     http://localhost:$(Get-Value GRAFANA_PORT)  (admin, the password is GF_SECURITY_ADMIN_PASSWORD in compose/.env)"
Write-Output "Jaeger      http://localhost:$(Get-Value JAEGER_PORT)"
Write-Output "Prometheus  http://localhost:$(Get-Value PROMETHEUS_PORT)"
Write-Output "OTLP        http://localhost:$(Get-Value OTLP_HTTP_PORT)  (OTEL_EXPORTER_OTLP_ENDPOINT of roles on this machine)"
if ($What -ne 'monitoring') {
    Write-Output "API         http://localhost:$(Get-Value GATEWAY_BFF_PORT)"
    Write-Output "NATS        http://localhost:$(Get-Value NATS_MONITOR_PORT)"
}
