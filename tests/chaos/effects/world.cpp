#include "world.hpp"

#include <array>
#include <csignal>

#include "support/consumer_member/member.hpp"
#include "support/trial_consumer/trial_handler.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

constexpr std::size_t keys = 20;
// Longer than a lease may last after the end of its process.
constexpr std::chrono::seconds for_switch{20};
// A group misses who was killed after so long: the shortest that brokers of tests allow.
constexpr int session_ms = 1000;
// What fails passes in the end, however often its processes are killed.
constexpr int retry_age_ms = 3'600'000;

// What a message asks for: most for nothing.
std::string trouble_of(std::size_t number) {
    static constexpr std::array<std::string_view, 12> troubles{
        "", " throw 2", "", " retry 1", "", "", " data 1", "", " retry 3", "", "", ""};
    return std::string{troubles.at(number % troubles.size())};
}

// Sequences keep what is rolled back, and the trigger sees also what conflicts.
void count_claims(postgres::Connection& owner) {
    owner.execute_script(
        "create sequence public.claim minvalue 0 start 0;"
        "create function public.count_claim() returns trigger language plpgsql security definer as "
        "$$ begin perform nextval('public.claim'); return new; end $$;"
        "create trigger counted before insert on consumer.inbox for each row "
        "execute function public.count_claim()");
}

}  // namespace

World::World(consumer::Bus bus, std::string broker)
    : pipeline_{std::move(broker)},
      keeper_{pipeline_.settings("ingress"),
              {.look_every = std::chrono::milliseconds{20}},
              make_uuid_v4(),
              metrics_} {
    postgres::Connection owner = pipeline_.owner();
    Member::create_tables(owner, "tollgate_enrichment");
    TrialHandler::create_tables(owner, "tollgate_enrichment");
    count_claims(owner);
    if (!wait_until([&] { return keeper_.is_keeping(); }))
        throw std::runtime_error{"nobody keeps the journal"};
    if (bus == consumer::Bus::kafka) {
        replace_relay();
    } else {
        turn_to(bus);
    }
}

void World::turn_to(consumer::Bus bus) {
    if (relay_) relay_->process().signal(SIGTERM);
    relay_.reset();
    std::string refusal;
    const bool turned = wait_until(
        [&] {
            try {
                pipeline_.turn_to(bus);
                return true;
            } catch (const std::runtime_error& error) {
                refusal = error.what();
                return false;
            }
        },
        for_switch);
    if (!turned) throw std::runtime_error{refusal};
    bus_ = bus;
    if (bus == consumer::Bus::kafka) replace_relay();
}

void World::publish(std::size_t events) {
    const std::lock_guard lock{mutex_};
    std::vector<archive::Event> made;
    for (std::size_t i = 0; i < events; ++i) {
        const std::size_t number = published_.size();
        made.push_back(
            event(fmt::format("key{}", number % keys), fmt::format("{}{}", number, trouble_of(number))));
        published_.push_back(made.back().id);
    }
    pipeline_.put(made);
}

std::vector<Uuid> World::published() const {
    const std::lock_guard lock{mutex_};
    return published_;
}

std::unique_ptr<ChildProcess> World::start_member(const std::vector<std::string>& more) const {
    const postgres::ConnectionSettings database = pipeline_.settings("enrichment");
    std::vector<std::string> words{std::string{consumer::name(bus_)},
                                   consumer_name,
                                   database.url.reveal(),
                                   database.role,
                                   pipeline_.broker(),
                                   pipeline_.topic(""),
                                   fmt::format("session={}", session_ms),
                                   fmt::format("age={}", retry_age_ms)};
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<ChildProcess>(built("test-trial-consumer"), words);
}

std::int64_t World::repeats() const {
    postgres::Connection owner = pipeline_.owner();
    const auto claims =
        owner.execute("select last_value + is_called::integer from public.claim").only().get<std::int64_t>(0);
    return claims - count("consumer.inbox");
}

void World::replace_relay() {
    const bool first = relay_ == nullptr;
    if (!first) relay_->process().signal(SIGKILL);
    relay_ = std::make_unique<RelayProcess>(pipeline_);
    // It makes the topics.
    if (first && !relay_->becomes_ready())
        throw std::runtime_error{"the relay is not ready:\n" + relay_->log()};
}

void World::let_lapse() const {
    postgres::Connection owner = pipeline_.owner();
    owner.execute("update tollgate.lease set until = clock_timestamp() where name = $1",
                  "consumer." + consumer_name);
    postgres::Connection line = connection();
    line.execute(
        "update consumer.work set begun_until = clock_timestamp() where message_id in "
        "(select message_id from consumer.work where begun_by is not null order by message_id "
        "for update skip locked)");
}

// With another epoch, so that who holds them takes them again.
void World::set_positions_back() const {
    postgres::Connection owner = pipeline_.owner();
    owner.execute(
        "update consumer.position set next = -2, last_id = null, epoch = epoch + 1 where consumer = $1",
        consumer_name);
}

void World::cut_sessions() const {
    postgres::Connection owner = pipeline_.owner();
    owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and application_name = 'trial consumer'");
}

std::int64_t World::count(const std::string& of) const {
    return connection().execute("select count(*) from " + of).only().get<std::int64_t>(0);
}

}  // namespace tollgate::test
