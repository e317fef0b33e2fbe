#include "ingress/hearing.hpp"

#include <utility>
#include <vector>

#include "core/pause.hpp"
#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using postgres::Connection;
using postgres::Transaction;

Hearing::Hearing(postgres::ConnectionSettings connection, const HearingSettings& settings,
                 telemetry::Metrics& metrics)
    : connection_settings_{std::move(connection)},
      settings_{settings},
      silent_{metrics.gauge("ingress_silent_sources",
                            "Open sources that normally speak, and do not; of all, whoever takes them in.")},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Hearing::~Hearing() {
    thread_.request_stop();
    thread_.join();
    write_and_count();
}

void Hearing::heard(const Uuid& tenant, const Uuid& source) {
    const std::lock_guard lock{mutex_};
    heard_.emplace(source, tenant);
}

void Hearing::run(const std::stop_token& stop) {
    do {
        write_and_count();
    } while (pause(settings_.write_every, stop));
}

void Hearing::write_and_count() {
    Sources taken;
    {
        const std::lock_guard lock{mutex_};
        taken.swap(heard_);
    }
    const auto written = write(taken);
    if (written) {
        told_.clear();
        return;
    }
    if (connection_ && !connection_->usable()) connection_.reset();
    {
        const std::lock_guard lock{mutex_};
        heard_.merge(taken);
    }
    if (std::exchange(told_, written.error().text()) != written.error().text()) {
        log::warning("which sources were heard is not written down: trying again",
                     {{"error", written.error()}});
    }
}

Result<void> Hearing::write(const Sources& sources) {
    if (!connection_) {
        auto opened = Connection::open(connection_settings_);
        if (!opened) return std::unexpected{opened.error()};
        connection_.emplace(std::move(*opened));
    }
    std::vector<Uuid> tenants;
    std::vector<Uuid> ids;
    for (const auto& [source, tenant] : sources) {
        tenants.push_back(tenant);
        ids.push_back(source);
    }
    const auto silent = transact(*connection_, [&](Transaction& tx) {
        if (!ids.empty()) tx.execute("select consumer.note_heard($1, $2)", tenants, ids);
        return tx.execute("select consumer.silent_sources()").only().get<std::int64_t>(0);
    });
    if (!silent) return std::unexpected{silent.error()};
    silent_.Set(static_cast<double>(*silent));
    return {};
}

}  // namespace tollgate::ingress
