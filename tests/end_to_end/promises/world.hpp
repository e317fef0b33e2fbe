// The whole product as its users have it: real executables, senders that are the vendors' own SDKs, and
// somebody who plays Slack.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "integration/relay/own_broker.hpp"
#include "integration/tollgate/shell.hpp"
#include "support/kafka_broker.hpp"
#include "support/service_process.hpp"
#include "support/slack_recorder/slack_recorder.hpp"

namespace tollgate::test {

// Both ways of running it.
enum class Way {
    alone,      // `tollgate up`, on Postgres alone
    with_kafka  // each service apart, and a broker
};

struct SenderAnswer {
    int number = 0;
    int status = 0;  // 0: none
    std::string event_id;
    bool duplicate = false;
};

struct Sending {
    std::string vendor;  // stripe, svix, standardwebhooks, razorpay, shopify
    int first = 1;
    int last = 1;
    int each = 1;              // how often
    bool tamper = false;       // with the bytes, after they were signed
    bool until_taken = false;  // again, until it is answered with 200
    std::string tenant = "acme";
    std::string secret{};  // else the source's
};

inline const std::vector<std::string> vendors{"stripe", "svix", "standardwebhooks", "razorpay", "shopify"};
// Whose events here are payments, of 10 units each; those of the others are no payment's.
inline const std::set<std::string> payers{"stripe", "razorpay", "shopify"};

class World {
public:
    // Of tenant acme, with a source for each vendor and a Slack channel that hears of every payment. Runs.
    explicit World(Way way, std::shared_ptr<OwnBroker> broker = nullptr);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void make_tenant(const std::string& slug, const std::string& secret);
    // A further channel of a tenant.
    void make_channel(const std::string& slug, const std::string& tenant);

    // In the order of the answers.
    std::vector<SenderAnswer> send(const Sending& sending) const;
    // Under way until it is waited for.
    std::unique_ptr<ChildProcess> start_sending(const Sending& sending) const;
    std::vector<SenderAnswer> answers(ChildProcess& senders) const;

    void start();
    void stop(int signal);
    // What takes webhooks in alone.
    void kill_ingress();
    void start_ingress();
    // Without the consumers also where they are one process with it.
    void start_ingress_apart();
    // Any of the other services, which is then started again; alone there is none.
    void kill_one_of_the_others(std::size_t which);
    // Of every process.
    void cut_connections_to_postgres() const;
    std::vector<pid_t> processes() const;

    std::int64_t number(const std::string& sql) const;
    // Every consumer is done with so many events, and every payment among them is in the ledger and was told
    // of.
    void check_settled(int events, int payments);
    std::vector<SlackCallSeen> told() const { return slack.calls("payments"); }
    // Waits for an audit without exceptions; what it says at the end.
    Ran clean_audit() const;

    const Shell shell;
    SlackRecorder slack{{.messages_per_second = 1000, .burst = 1000}};

private:
    ChildProcess::Environment environment(bool with_kafka) const;

    const Way way_;
    std::shared_ptr<OwnBroker> own_broker_;
    std::unique_ptr<KafkaBroker> shared_broker_;
    std::string prefix_;
    const std::uint16_t port_ = free_port();
    std::unique_ptr<ServiceProcess> ingress_;  // or all of it
    std::vector<std::unique_ptr<ServiceProcess>> others_;
};

}  // namespace tollgate::test
