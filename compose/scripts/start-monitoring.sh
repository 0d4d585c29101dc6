#!/bin/sh
# Starts the stack and prints where everything is.
#   start-monitoring.sh           collector, Jaeger, Loki, Prometheus, Grafana; the roles run on this machine (ALLY_HOST=0.0.0.0 make up)
#   start-monitoring.sh all       these, and every role, NATS and PostgreSQL in containers
#   start-monitoring.sh cluster   the same with three servers of NATS: for a log that is new
set -eu
cd "$(dirname "$0")/.."

what="${1:-monitoring}"
case "$what" in
    monitoring|all|cluster) ;;
    *) echo "usage: $0 [monitoring|all|cluster]" >&2; exit 2 ;;
esac

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
value() { sed -n "s/^$1=//p" .env; }

if [ ! -f .env ]; then
    (umask 077
    sed -e "s/^GF_SECURITY_ADMIN_PASSWORD=\$/&$(secret)/" \
        -e "s/^POSTGRES_PASSWORD=\$/&$(secret)/" \
        -e "s/^ALLY_JWT_SECRET=\$/&$(secret)/" \
        -e "s/^ALLY_WEBHOOK_KEY=\$/&$(secret)/" .env.example > .env)
    echo "Wrote compose/.env with new secrets."
fi

# What a newer version has more, as the example has it, and a key that is new is drawn; nothing of yours is changed.
grep -q '^ALLY_WEBHOOK_KEY=' .env || echo "ALLY_WEBHOOK_KEY=$(secret)" >> .env
sed -n 's/^\([A-Z_][A-Z_]*\)=.*/\1/p' .env.example | while read -r name; do
    grep -q "^$name=" .env || sed -n "/^$name=/p" .env.example >> .env
done

if [ "$what" = cluster ]; then
    if [ "$(value NATS_CONFIG)" != cluster.conf ] && docker volume inspect ally_nats-data >/dev/null 2>&1; then
        echo "The log of a single server is there (the volume ally_nats-data), and a cluster does not take it over:" >&2
        echo "start with 'all', or use a machine without it." >&2
        exit 2
    fi
    set_value() { (umask 077; sed "s|^$1=.*|$1=$2|" .env > .env.new && mv .env.new .env); }
    set_value COMPOSE_PROFILES core,observability,cluster
    set_value NATS_CONFIG cluster.conf
    set_value NATS_REPLICAS 3
    set_value NATS_URLS nats://nats:4222,nats://nats-2:4222,nats://nats-3:4222
    set_value NATS_MONITOR_URLS "http://nats:8222 http://nats-2:8222 http://nats-3:8222"
fi

# A container's user, whoever it is, reads its secret; on this machine nobody else enters the folder.
mkdir -p secrets
chmod 700 secrets
write_secret() { printf '%s' "$(value "$2")" > "secrets/$1"; chmod 644 "secrets/$1"; }
write_secret postgres_password POSTGRES_PASSWORD
write_secret grafana_admin_password GF_SECURITY_ADMIN_PASSWORD
write_secret slack_api_url SLACK_API_URL
write_secret pagerduty_routing_key PAGERDUTY_ROUTING_KEY

docker network inspect ally-monitoring >/dev/null 2>&1 || docker network create ally-monitoring >/dev/null

if [ "$what" = monitoring ]; then
    PROMETHEUS_CONFIG=host.yml docker compose -f monitoring.yaml up --detach --build --wait
else
    docker compose -f monitoring.yaml up --detach --build --wait
    docker compose up --detach --build --wait
fi

echo "Grafana     http://localhost:$(value GRAFANA_PORT)  (admin, the password is GF_SECURITY_ADMIN_PASSWORD in compose/.env)"
echo "Jaeger      http://localhost:$(value JAEGER_PORT)"
echo "Prometheus  http://localhost:$(value PROMETHEUS_PORT)"
echo "OTLP        http://localhost:$(value OTLP_HTTP_PORT)  (OTEL_EXPORTER_OTLP_ENDPOINT of roles on this machine)"
if [ "$what" != monitoring ]; then
    echo "API         http://localhost:$(value GATEWAY_BFF_PORT)"
    echo "NATS        http://localhost:$(value NATS_MONITOR_PORT)"
fi
