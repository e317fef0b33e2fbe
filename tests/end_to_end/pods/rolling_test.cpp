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
// As in k8s.
constexpr std::chrono::seconds grace{40};
const std::vector<std::string> behind{"relay", "enrichment", "billing", "delivery"};

using Replicas = std::vector<std::unique_ptr<Pod>>;

struct Installation {
    Installation() {
        for (std::size_t i = 0; i < replicas; ++i) ingress.push_back(start("ingress"));
        for (const std::string& service : behind)
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
        auto made = start("ingress");
        ready(*made);
        balancer.add(made->port());
        balancer.remove(old->port());
        ended(old->end(grace));
        old = std::move(made);
    }

    // The old one goes first.
    void replace(const std::string& service, std::unique_ptr<Pod>& old) {
        ended(old->end(grace));
        old = start(service);
        ready(*old);
    }

    void ended(std::chrono::milliseconds after) {
        longest = std::max(longest, after);
        ++rolled;
    }

    Cluster cluster;
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

}  // namespace

TEST_CASE("a rollout under load resets no request, and loses and doubles no event") {
    Installation installation;
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
