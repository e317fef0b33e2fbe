// Documents of providers, from a host that is played.
#include "ingress/documents.hpp"

#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

#include "unit/providers/requests.hpp"

using namespace tollgate;

TEST_CASE("a document is asked for with one key after the other, until one is let in") {
    std::map<std::string, int> answers;
    std::vector<std::string> asked;
    const ingress::Fetch fetch =
        [&](http::ClientRequest request) -> boost::asio::awaitable<Result<http::ClientResponse>> {
        const std::string key{request.headers.get("Authorization").value_or("")};
        asked.push_back(key);
        co_return http::ClientResponse{.status = answers.at(key), .body = "of " + key};
    };
    ingress::Documents documents{fetch, {}};
    const auto key = [](int number, std::string_view value) {
        return providers::DocumentRequest::Authorization{providers::testing::secret_id(number),
                                                         Secret{std::string{value}}};
    };
    const providers::DocumentRequest wanted{
        .url = "https://api.mollie.com/v2/payments/tr_1",
        .keep = std::chrono::seconds{0},
        .authorizations = {key(1, "old"), key(2, "live"), key(3, "test")}};
    const ingress::Asker asker{};
    const auto get = [&](std::map<std::string, int> now) {
        answers = std::move(now);
        asked.clear();
        boost::asio::io_context context;
        auto document = boost::asio::co_spawn(context, documents.get(wanted, asker), boost::asio::use_future);
        context.run();
        return document.get();
    };
    // One that was given up, one that has no such payment, and the one that it is there for.
    const auto found = get({{"old", 401}, {"live", 404}, {"test", 200}});
    REQUIRE(found);
    CHECK(found->text == "of test");
    CHECK(found->secret == providers::testing::secret_id(3));
    CHECK(get({{"old", 200}})->secret == providers::testing::secret_id(1));
    CHECK(asked == std::vector<std::string>{"old"});
    // Not there is what counts against who names it; not let in is ours.
    CHECK(get({{"old", 401}, {"live", 404}, {"test", 403}}).error().code == ErrorCode::not_found);
    CHECK(get({{"old", 401}, {"live", 401}, {"test", 403}}).error().code == ErrorCode::unauthenticated);
    // A host that is down is not asked once more.
    CHECK(get({{"old", 401}, {"live", 500}}).error().code == ErrorCode::unavailable);
    CHECK(asked == std::vector<std::string>{"old", "live"});
}
