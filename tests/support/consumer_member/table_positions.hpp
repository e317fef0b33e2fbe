// Positions as a consumer keeps them: a row for each partition, with who may move it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "consumer/positions.hpp"

namespace tollgate::test {

class TablePositions final : public consumer::Positions {
public:
    // In a table of the database's owner, that this role may use.
    static void create_table(postgres::Connection& owner, const std::string& role);

    TablePositions(std::string consumer, const Uuid& holder)
        : consumer_{std::move(consumer)}, holder_{holder} {}

    Result<std::vector<kafka::Offset>> take(postgres::Connection& connection,
                                            std::span<const kafka::TopicPartition> partitions) override;
    void move(postgres::Transaction& tx, std::span<const consumer::Reached> reached) override;
    Result<kafka::Offset> replace(postgres::Connection& connection,
                                  const kafka::OutOfRange& position) override;
    void let_go(std::span<const kafka::TopicPartition> partitions, bool lost) override;

    // How partitions came and went: "took 2", "let go 1", "lost 1".
    std::vector<std::string> story;
    std::vector<kafka::OutOfRange> replaced;

private:
    const std::string consumer_;
    const Uuid holder_;
    std::map<kafka::TopicPartition, std::int64_t> epochs_;
};

}  // namespace tollgate::test
