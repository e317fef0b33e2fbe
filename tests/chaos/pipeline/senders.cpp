#include "senders.hpp"

#include <fmt/format.h>

#include "core/pause.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "support/raw_socket.hpp"

namespace tollgate::test {

namespace {

constexpr std::size_t threads_max = 8;
constexpr std::chrono::milliseconds between_tries{20};
// So that what is sent is many times what the faults interrupt, and not more.
constexpr std::chrono::milliseconds between_webhooks{2};

}  // namespace

Senders::Senders(const World& world) : world_{world} {
    for (std::size_t place = 0; place < threads_max; ++place)
        threads_.emplace_back([this, place](const std::stop_token& stop) { run(place, stop); });
}

void Senders::run(std::size_t place, const std::stop_token& stop) {
    const std::string key = fmt::format("key{}", place);
    for (int number = 0; !stop.stop_requested(); ++number) {
        const std::string body =
            fmt::format(R"({{"id":"{}-{}","type":"paid","key":"{}"}})", key, number, key);
        const std::string id = send(body, place);
        const std::lock_guard lock{mutex_};
        ids_[key].push_back(id);
        ++accepted_;
        pause(between_webhooks, stop);
    }
}

// The id that it was accepted with. A webhook that was begun is sent until it is, also when told to stop.
std::string Senders::send(const std::string& body, std::size_t place) {
    const std::string signature =
        crypto::hex_encode(crypto::hmac(crypto::HmacHash::sha256, world_.secret(), body).value());
    const Webhook webhook{.path = "/v1/in/acme/shop", .headers = {{"X-Signature", signature}}, .body = body};
    for (std::size_t attempt = 0;; ++attempt) {
        try {
            const Reply reply = test::send(world_.ingress_port(place + attempt), webhook);
            if (reply.status == 200) return std::string{reply.headers.get("Tollgate-Event-Id").value_or("")};
            if (reply.status != 503 && reply.status != 429 && reply.status != 0) {
                const std::lock_guard lock{mutex_};
                ++strange_[reply.status];
            }
        } catch (const std::exception&) {
            // Nobody listens, or the line was cut: the other one is asked.
        }
        pause(between_tries, {});
    }
}

std::map<std::string, std::vector<std::string>> Senders::stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    for (std::jthread& thread : threads_) thread.join();
    return ids_;
}

std::map<int, int> Senders::strange() const {
    const std::lock_guard lock{mutex_};
    return strange_;
}

}  // namespace tollgate::test
