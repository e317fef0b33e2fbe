#include "payers.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/clock.hpp"
#include "core/pause.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "support/raw_socket.hpp"

namespace tollgate::test {

namespace {

// So that the load is steady and not all that the machine can do.
constexpr std::chrono::milliseconds between_requests{5};

std::string request(const std::string& id) {
    const std::string body = fmt::format(
        R"({{"id":"evt_{0}","object":"event","type":"charge.succeeded","created":1790000000,"livemode":true,)"
        R"("data":{{"object":{{"id":"ch_{0}","object":"charge","amount":1000,"currency":"eur","paid":true,)"
        R"("status":"succeeded","payment_intent":"pi_{0}"}}}}}})",
        id);
    const auto at = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(SystemClock{}.now().time_since_epoch()).count());
    const auto key =
        crypto::HmacKey::make(crypto::HmacHash::sha256, Secret{std::string{payers_secret}}).value();
    return fmt::format(
        "POST /v1/in/acme/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Stripe-Signature: t={},v1={}\r\nContent-Length: {}\r\n\r\n{}",
        at, crypto::hex_encode(key.sign({at, ".", body})), body.size(), body);
}

}  // namespace

std::chrono::microseconds Payers::Sum::percentile(double share) const {
    if (latencies.empty()) return {};
    return latencies.at(static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1)));
}

Payers::Payers(std::uint16_t port, std::size_t connections) : port_{port} {
    for (std::size_t place = 0; place < connections; ++place)
        threads_.emplace_back([this, place](const std::stop_token& stop) { run(place, stop); });
}

int Payers::accepted() const {
    const std::lock_guard lock{mutex_};
    return sum_.accepted;
}

void Payers::run(std::size_t place, const std::stop_token& stop) {
    std::optional<RawConnection> connection;
    for (int number = 0; !stop.stop_requested(); ++number) {
        const auto began = std::chrono::steady_clock::now();
        std::string answer;
        std::string trouble;
        try {
            if (!connection) connection.emplace(port_);
            connection->send(request(fmt::format("{}x{}", place, number)));
            answer = connection->read_message();
        } catch (const std::exception& error) {
            trouble = error.what();
        }
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
        if (!trouble.empty() || answer.contains("Connection: close")) connection.reset();
        const bool is_good = answer.starts_with("HTTP/1.1 200");
        count(took, is_good, trouble, answer);
        pause(between_requests, stop);
    }
}

void Payers::count(std::chrono::microseconds took, bool is_good, const std::string& trouble,
                   const std::string& answer) {
    const std::lock_guard lock{mutex_};
    sum_.latencies.push_back(took);
    if (is_good) ++sum_.accepted;
    if (!trouble.empty()) ++sum_.unanswered;
    if (trouble.empty() && !is_good) ++sum_.refused;
    if (!is_good && sum_.first_trouble.empty())
        sum_.first_trouble = trouble.empty() ? answer.substr(0, 300) : trouble;
}

Payers::Sum Payers::stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    for (std::jthread& thread : threads_) thread.join();
    std::ranges::sort(sum_.latencies);
    return sum_;
}

}  // namespace tollgate::test
