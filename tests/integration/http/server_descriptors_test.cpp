// A server in a process that may not open as many connections as it would take.
#include <list>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "fixtures.hpp"
#include "http/descriptors.hpp"
#include "support/raw_socket.hpp"

using namespace tollgate::test;
using tollgate::http::Server;

namespace {

// For all of this process, until it goes.
class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t most) {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit fewer{.rlim_cur = most, .rlim_max = before_.rlim_max};
        REQUIRE(setrlimit(RLIMIT_NOFILE, &fewer) == 0);
    }
    ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("idle connections make way before the descriptors are used up") {
    const DescriptorLimit few{400};
    const std::size_t places = tollgate::http::within({}, tollgate::http::descriptors_max()).connections_max;
    REQUIRE(places < 200);
    const Server server = start(echo_router());
    std::list<RawConnection> idle;
    // These ends of them are of this process too.
    for (std::size_t i = 0; i < places + 5; ++i) {
        idle.emplace_back(server.port());
        idle.back().send(get("/hello"));
        REQUIRE(status_of(idle.back().read_message()) == 200);
    }
    CHECK(server.idle_connections() <= places);
    CHECK(idle.front().read_to_end().empty());
}
