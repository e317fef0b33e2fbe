#include "tollgate/schemas.hpp"

#include <array>

#include "archive/schema.hpp"
#include "billing/schema.hpp"
#include "consumer/schema.hpp"
#include "delivery/schema.hpp"
#include "enrichment/schema.hpp"
#include "ingress/schema.hpp"
#include "journal/schema.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

postgres::Schemas all_schemas() {
    static const std::array schemas{&postgres::schema(),   &archive::schema(),  &journal::schema(),
                                    &tenants::schema(),    &consumer::schema(), &ingress::schema(),
                                    &enrichment::schema(), &billing::schema(),  &delivery::schema()};
    return schemas;
}

}  // namespace tollgate
