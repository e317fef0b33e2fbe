// A rollout under load: every service replaced replica by replica, as Kubernetes does it, while payments come
// in.
#include <catch2/catch.hpp>

#include "balancer.hpp"
#include "cluster.hpp"
#include "payers.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t senders = 8;
constexpr std::size_t replicas = 2;
// As in k8s. Of the 45 s of ingress 10 go by before it is told.
constexpr std::chrono::seconds grace_in_front{35};
constexpr std::chrono::seconds grace_behind{40};

using Replicas = std::vector<std::unique_ptr<Pod>>;

// Of the program in front, and what is behind it.
struct Installation {
    Installation(const std::string& bus, std::string program, const std::vector<std::string>& services)
        : cluster{bus}, front{std::move(program)} {
        for (std::size_t i = 0; i < replicas; ++i) ingress.push_back(start(front));
        for (const std::string& service : services)
            for (std::size_t i = 0; i < replicas; ++i) others[service].push_back(start(service));
        for (const auto& pod : ingress) ready(*pod);
        for (const auto& [service, pods] : others)
            for (const auto& pod : pods) ready(*pod);
        for (const auto& pod : ingress) balancer.add(pod->port());
    }

    std::unique_ptr<Pod> start(const std::string& service) const {
        return std::make_unique<Pod>(service, cluster.settings());
    }

    static void ready(const Pod& pod) {
        INFO(pod.state());
        REQUIRE(pod.becomes_ready());
    }

    // One more first; who goes gets no new connections any more, and is then told.
    void replace_ingress(std::unique_ptr<Pod>& old) {
        auto made = start(front);
        ready(*made);
        balancer.add(made->port());
        balancer.remove(old->port());
        ended(old->end(grace_in_front));
        old = std::move(made);
    }

    // The old one goes first.
    void replace(const std::string& service, std::unique_ptr<Pod>& old) {
        ended(old->end(grace_behind));
        old = start(service);
        ready(*old);
    }

    void ended(std::chrono::milliseconds after) {
        longest = std::max(longest, after);
        ++rolled;
    }

    Cluster cluster;
    std::string front;
    Balancer balancer;
    Replicas ingress;
    std::map<std::string, Replicas> others;
    std::chrono::milliseconds longest{0};
    int rolled = 0;
};

void check_booked(const Cluster& cluster, int payments) {
    const auto booked = [&] {
        return cluster.number("select count(*) from consumer.inbox where consumer = 'billing'");
    };
    CHECK(wait_until([&] { return booked() >= payments; }, 120s));
    CHECK(booked() == payments);
    CHECK(cluster.number("select count(*) from archive.event") == payments);
    CHECK(cluster.number("select count(*) from billing.payment where status = 'succeeded'") == payments);
    CHECK(cluster.number(
              "select coalesce(sum(amount_minor), 0)::bigint from billing.entry where booking = 'capture'") ==
          std::int64_t{payments} * 1000);
    CHECK(cluster.number("select count(*) from consumer.work") == 0);
}

void check_rollout(Installation& installation) {
    Payers payers{installation.balancer.port(), senders};
    const auto began = std::chrono::steady_clock::now();
    REQUIRE(wait_until([&] { return payers.accepted() > 100; }, 60s));
    for (auto& pod : installation.ingress) installation.replace_ingress(pod);
    for (auto& [service, pods] : installation.others)
        for (auto& pod : pods) installation.replace(service, pod);
    for (auto& pod : installation.ingress) installation.replace_ingress(pod);
    const int before = payers.accepted();
    REQUIRE(wait_until([&] { return payers.accepted() > before + 100; }, 60s));
    const Payers::Sum sum = payers.stop();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;

    INFO(sum.first_trouble);
    CHECK(sum.unanswered == 0);
    CHECK(sum.refused == 0);
    CHECK(installation.balancer.refused() == 0);
    check_booked(installation.cluster, sum.accepted);
    fmt::print(
        "{} pods replaced under {:.0f} requests/s of {} connections: {} accepted, {} unanswered, {} refused; "
        "p50 {:.1f} ms, p99 {:.1f} ms, longest {:.0f} ms; the slowest pod ended after {} ms\n",
        installation.rolled, sum.accepted / took.count(), senders, sum.accepted, sum.unanswered, sum.refused,
        static_cast<double>(sum.percentile(0.5).count()) / 1000,
        static_cast<double>(sum.percentile(0.99).count()) / 1000,
        static_cast<double>(sum.percentile(1).count()) / 1000, installation.longest.count());
}

}  // namespace

TEST_CASE("a rollout under load resets no request, and loses and doubles no event") {
    Installation installation{"kafka", "ingress", {"relay", "enrichment", "billing", "delivery"}};
    check_rollout(installation);
}

TEST_CASE("a rollout of all in one on Postgres alone resets no request, and loses and doubles no event") {
    Installation installation{"journal", "up", {}};
    check_rollout(installation);
}
