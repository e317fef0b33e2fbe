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

TEST_CASE("a subdomain is of the company that registered the domain, by the list of public suffixes") {
    CHECK(company_domain("ada@mail.acme.de") == "acme.de");
    CHECK(company_domain("ada@acme.co.uk") == "acme.co.uk");
    CHECK(company_domain("ada@mail.acme.co.uk") == "acme.co.uk");
    CHECK(company_domain("ada@a.b.c.acme.com.au") == "acme.com.au");
    // Under what a company lets others register, each has its own.
    CHECK(company_domain("ada@shop.github.io") == "shop.github.io");
    CHECK(company_domain("ada@mail.shop.github.io") == "shop.github.io");
    CHECK(company_domain("ada@acme.s3.amazonaws.com") == "acme.s3.amazonaws.com");
    // Rules with a star, and their exceptions.
    CHECK(company_domain("ada@mail.acme.com.ck") == "acme.com.ck");
    CHECK(company_domain("ada@mail.www.ck") == "www.ck");
    // Names of other alphabets, as they stand in addresses.
    CHECK(company_domain("ada@mail.acme.xn--55qx5d.cn") == "acme.xn--55qx5d.cn");
    // What came up since the list was made.
    CHECK(company_domain("ada@mail.acme.newtld") == "acme.newtld");
    for (const char* email : {"ada@co.uk", "ada@CO.UK.", "ada@com.au", "ada@github.io", "ada@herokuapp.com",
                              "ada@com.ck", "ada@xn--55qx5d.cn", "ada@s3.amazonaws.com"})
        CHECK_FALSE(company_domain(email));
}

TEST_CASE("a subdomain of free mail is free mail") {
    CHECK_FALSE(company_domain("ada@mail.yahoo.com"));
    CHECK_FALSE(company_domain("ada@mail.hotmail.co.uk"));
    CHECK_FALSE(company_domain("ada@privaterelay.appleid.com"));
    CHECK_FALSE(company_domain("ada@mail.privaterelay.appleid.com"));
    CHECK(company_domain("ada@appleid.com") == "appleid.com");
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
