// A member as a process of its own: test-consumer-member HOW BUS NAME URL ROLE BROKERS PREFIX
//
//   work   reads and commits for ever
//   hold   polls, says "holding N", and commits once there is a row in public.go; then works
#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "core/pause.hpp"
#include "support/consumer_member/member.hpp"

namespace tollgate::test {

namespace {

constexpr std::chrono::milliseconds a_moment{50};

void say(const std::string& line) {
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

bool told_to_go(const postgres::ConnectionSettings& database) {
    auto connection = postgres::Connection::open(database);
    if (!connection) return false;
    return connection->execute("select exists (select from public.go)").only().get<bool>(0);
}

// Something to commit.
consumer::Batch poll_something(Member& member) {
    for (;;) {
        auto batch = member.poll();
        if (batch && !batch->messages.empty()) return std::move(*batch);
        if (!batch) pause(a_moment, {});
    }
}

void hold(Member& member, const postgres::ConnectionSettings& database) {
    const consumer::Batch batch = poll_something(member);
    say(fmt::format("holding {}", batch.messages.size()));
    while (!told_to_go(database)) pause(a_moment, {});
    const auto committed = member.commit(batch);
    say(committed ? "committed" : "refused: " + committed.error().text());
}

int run(std::span<const std::string> words) {
    const MemberSettings settings{.bus = words[1],
                                  .name = words[2],
                                  .database = {.url = Secret{words[3]}, .role = words[4]},
                                  .brokers = words[5],
                                  .topic_prefix = words[6]};
    Member member{settings};
    if (words[0] == "hold") hold(member, settings.database);
    for (;;) {
        const auto read = member.read();
        if (!read) {
            say("failed: " + read.error().text());
            pause(a_moment, {});
        } else if (!read->empty()) {
            say(fmt::format("took {}", read->size()));
        }
    }
}

}  // namespace

}  // namespace tollgate::test

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
    constexpr std::size_t wanted = 7;
    return words.size() == wanted ? tollgate::test::run(words) : 2;
}
