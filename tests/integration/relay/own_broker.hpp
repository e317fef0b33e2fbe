// A Kafka broker of a test's own, for what the shared one must not suffer.
#pragma once

#include <string>

#include "support/ports.hpp"

namespace tollgate::test {

class OwnBroker {
public:
    OwnBroker();
    ~OwnBroker();
    OwnBroker(const OwnBroker&) = delete;
    OwnBroker& operator=(const OwnBroker&) = delete;

    void start();
    void stop();
    void signal(int number) const;
    std::string address() const;

private:
    std::string folder_;
    std::uint16_t port_ = free_port();
    std::uint16_t controller_port_ = free_port();
};

}  // namespace tollgate::test
