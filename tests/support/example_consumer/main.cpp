// What it takes to write a consumer: test-example-consumer counts the events of each tenant. Its table and
// its role are in schema.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "example_consumer/schema.hpp"
#include "journal/schema.hpp"
#include "process/consumer_process.hpp"
#include "tenants/schema.hpp"

using namespace tollgate;

namespace {

class Counting final : public consumer::Handler {
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override {
        for (const consumer::Task& task : batch) {
            tx.execute(
                "insert into example.count (tenant, events) values ($1, 1) "
                "on conflict (tenant) do update set events = count.events + 1",
                task.message->tenant);
        }
        return std::vector<consumer::Outcome>(batch.size(), consumer::Done{});
    }
};

}  // namespace

int main(int argc, char** argv) {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &journal::schema(),
                                    &tenants::schema(),  &consumer::schema(), &example::schema()};
    const std::array commands{
        process::consumer_command({.name = "example",
                                   .input = "raw",
                                   .summary = "Count the events of each tenant.",
                                   .schemas = schemas,
                                   .make_handler = [] { return std::make_unique<Counting>(); }})};
    return process::run_command_line("test-example-consumer", commands, argc, argv);
}
