# Starts the stack and prints where everything is.
#   start-monitoring.ps1        collector, Jaeger, Prometheus, Grafana; the roles run on this machine
#   start-monitoring.ps1 all    these, and every role, NATS and Postgres in containers
param([ValidateSet('monitoring', 'all')][string]$What = 'monitoring')
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..')

function New-Secret {
    $bytes = New-Object byte[] 24
    $generator = [System.Security.Cryptography.RandomNumberGenerator]::Create()
    $generator.GetBytes($bytes)
    -join ($bytes | ForEach-Object { $_.ToString('x2') })
}

if (-not (Test-Path .env)) {
    $secrets = 'GF_SECURITY_ADMIN_PASSWORD', 'POSTGRES_PASSWORD', 'ALLY_JWT_SECRET'
    $lines = Get-Content .env.example | ForEach-Object {
        if ($secrets -contains $_.TrimEnd('=') -and $_.EndsWith('=')) { $_ + (New-Secret) } else { $_ }
    }
    Set-Content -Path .env -Value $lines -Encoding ascii
    Write-Output 'Wrote compose/.env with new secrets.'
}

# What a newer version has more, as the example has it; nothing of yours is changed.
foreach ($line in Get-Content .env.example) {
    if ($line -match '^([A-Z_]+)=' -and -not (Select-String -Path .env -Pattern "^$($Matches[1])=" -Quiet)) {
        Add-Content -Path .env -Value $line -Encoding ascii
    }
}

if ($What -eq 'all') {
    docker compose up --detach --build --wait
} else {
    $env:PROMETHEUS_CONFIG = 'host.yml'
    try { docker compose -f monitoring.yaml up --detach } finally { Remove-Item Env:PROMETHEUS_CONFIG }
}
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

function Get-Port([string]$Name) { (Select-String -Path .env -Pattern "^$Name=(.*)$").Matches[0].Groups[1].Value }
Write-Output "Grafana     http://localhost:$(Get-Port GRAFANA_PORT)  (admin, the password is GF_SECURITY_ADMIN_PASSWORD in compose/.env)"
Write-Output "Jaeger      http://localhost:$(Get-Port JAEGER_PORT)"
Write-Output "Prometheus  http://localhost:$(Get-Port PROMETHEUS_PORT)"
Write-Output "OTLP        http://localhost:$(Get-Port OTLP_HTTP_PORT)  (OTEL_EXPORTER_OTLP_ENDPOINT of roles on this machine)"
if ($What -eq 'all') {
    Write-Output "API         http://localhost:$(Get-Port GATEWAY_BFF_PORT)"
    Write-Output "NATS        http://localhost:$(Get-Port NATS_MONITOR_PORT)"
}
