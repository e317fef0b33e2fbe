#include "calling.hpp"

#include <stdexcept>

#include "delivery/compose.hpp"
#include "unit/delivery/examples.hpp"

namespace tollgate::test {

using boost::asio::awaitable;
using delivery::Outcome;
using delivery::SlackClient;
using tenants::DestinationKind;

namespace {

SlackClient made(const delivery::SlackConfig& config, std::shared_ptr<http::Resolver> resolver) {
    auto client = SlackClient::make(config, std::move(resolver));
    if (!client) throw std::runtime_error{client.error().text()};
    return std::move(*client);
}

tenants::OpenDestination destination(DestinationKind kind, const std::string& secret) {
    return {.tenant = make_uuid_v7(),
            .id = make_uuid_v7(),
            .tenant_slug = "acme",
            .time_zone = "UTC",
            .slug = "billing",
            .kind = kind,
            .enabled = true,
            .secret = Secret{secret},
            .settings = {}};
}

}  // namespace

tenants::OpenDestination webhook_at(const std::string& url) {
    return destination(DestinationKind::slack_webhook, url);
}

tenants::OpenDestination bot_in(const std::string& channel, const std::string& token) {
    auto bot = destination(DestinationKind::slack_bot, token);
    bot.settings.channel = channel;
    return bot;
}

delivery::Message message_of(std::string_view name) {
    return delivery::compose(example(name), circumstances(delivery::Tone::neutral));
}

awaitable<Result<std::vector<http::IpAddress>>> NamedAddresses::resolve(std::string host) {
    const std::lock_guard lock{mutex_};
    const auto found = names_.find(host);
    if (found == names_.end()) co_return fail(ErrorCode::unavailable, "the host {} is not known", host);
    auto& answers = found->second;
    const auto address = http::IpAddress::parse(answers.front());
    if (!address) throw std::logic_error{address.error().text()};
    if (answers.size() > 1) answers.erase(answers.begin());
    co_return std::vector{*address};
}

Caller::Caller(const delivery::SlackConfig& config, std::shared_ptr<http::Resolver> resolver)
    : client_{made(config, std::move(resolver))} {}

Caller::Caller(const SlackRecorder& slack)
    : Caller{delivery::SlackConfig{.api_url = slack.api_url(), .internal_hosts = "127.0.0.1"}} {}

Outcome Caller::send(const tenants::OpenDestination& destination, const delivery::Message& message,
                     const delivery::SlackPlace& place, delivery::SlackForm form) {
    return http::await_from_here(threads_.executor(0), client_.send(destination, message, place, form));
}

Result<std::string> Caller::check(const std::string& url) {
    return http::await_from_here(threads_.executor(0), client_.check(url));
}

}  // namespace tollgate::test
