// The work of others to send to and with: what deploy/local/install puts into .local.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "calling.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::test {

// node with a script and its arguments; finds the packages of deploy/local/node.
ChildProcess::Environment node_environment();
std::string node();

// The Slack of the npm package `emulate`, with a channel "billing", a token that may post
// ("xoxb-1-emulated") and one that may only look ("xoxb-1-reader").
class EmulatedSlack {
public:
    EmulatedSlack();

    std::string api_url() const;
    // Posts into #general.
    std::string webhook() const;
    std::string billing() const { return billing_; }  // the channel's id

    // What the Web API says to this form.
    boost::json::object ask(const std::string& method, const std::string& form = {});

private:
    std::uint16_t port_;
    TemporaryFolder folder_;
    ChildProcess process_;
    std::string billing_;
};

}  // namespace tollgate::test
