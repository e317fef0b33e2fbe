// Which domain of an e-mail address is a company's.
#include "enrichment/domains.hpp"

#include <catch2/catch.hpp>

using tollgate::enrichment::company_domain;

TEST_CASE("the domain of a company's address is found") {
    CHECK(company_domain("ada@acme.de") == "acme.de");
    CHECK(company_domain("Ada.Lovelace+x@ACME.Co.UK") == "acme.co.uk");
    CHECK(company_domain("\"a@b\"@acme.de") == "acme.de");
    CHECK(company_domain("ada@acme.de.") == "acme.de");
    CHECK(company_domain("ada@xn--mnchen-3ya.de") == "xn--mnchen-3ya.de");
}

TEST_CASE("what is nobody's or everybody's is none") {
    for (const char* email : {"",
                              "@",
                              "ada",
                              "ada@",
                              "@acme.de",
                              "ada@localhost",
                              "ada@10.0.0.1",
                              "ada@[10.0.0.1]",
                              "ada@[::1]",
                              "ada@gmail.com",
                              "ADA@GMAIL.COM",
                              "ada@hotmail.co.uk",
                              "ada@acme.test",
                              "ada@acme.local",
                              "ada@example.com",
                              "ada@shop.example.org",
                              "ada@acme..de",
                              "ada@-acme.de",
                              "ada@acme_x.de",
                              "ada@acme.d",
                              "ada@acme.1de",
                              "ada@acme.de/../x",
                              "ada@acme.de?x=1",
                              "ada@acme.de:80",
                              "ada@acme .de",
                              "ada@m\xC3\xBCnchen.de"})
        CHECK_FALSE(company_domain(email));
    CHECK_FALSE(company_domain("ada@" + std::string(64, 'a') + ".de"));
    std::string longest = "ada@";
    while (longest.size() < 260) longest += "aaaaaaaaa.";
    CHECK_FALSE(company_domain(longest + "de"));
}
