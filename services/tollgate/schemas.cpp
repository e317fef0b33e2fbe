#include "tollgate/schemas.hpp"

#include <array>

namespace tollgate {

postgres::Schemas all_schemas() {
    static const std::array<const postgres::Schema*, 1> schemas{&postgres::schema()};
    return schemas;
}

}  // namespace tollgate
