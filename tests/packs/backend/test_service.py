"""The samples, put together, are a service that starts, answers and stops as the prompts say."""

import dataclasses
import http.client
import json
import socket
import subprocess
from collections.abc import Iterator

import pytest
from openapi_spec_validator import validate

from postgres import Postgres
from sample_project import SampleProject
from sample_service import Account, Mailbox, Service, migrate, open_account, open_mailbox, settings, start_service

pytestmark = pytest.mark.samples

# ["0000-01-01T00:00:00Z","00000000-0000-4000-8000-000000000000"], of a year that PostgreSQL does not know
YEAR_0 = "WyIwMDAwLTAxLTAxVDAwOjAwOjAwWiIsIjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMCJd"
ORDER = {"currency": "EUR", "lines": [{"sku": "A-17", "quantity": 2}]}


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def environment(compiled: SampleProject, postgres: Postgres, mailbox: Mailbox) -> dict[str, str]:
    assert compiled.errors == {}
    postgres.run("postgres", "CREATE DATABASE shop")
    found = settings(postgres, "shop", mailbox)
    assert migrate(compiled, found, compiled.root / "migrations")
    return found


@pytest.fixture(scope="module")
def service(compiled: SampleProject, environment: dict[str, str]) -> Iterator[Service]:
    with start_service(compiled, environment) as running:
        yield running


@pytest.fixture(scope="module")
def seller(service: Service, mailbox: Mailbox) -> Account:
    """Somebody with a product to sell."""
    account = open_account(service, mailbox, "seller", "192.0.2.1")
    product = {"priceMinor": 250, "currency": "EUR", "available": 100}
    assert account.call("PUT", "/v1/products/A-17", product).status == 204
    return account


@pytest.fixture(scope="module")
def stranger(service: Service, mailbox: Mailbox) -> Account:
    return open_account(service, mailbox, "stranger", "192.0.2.2")


def test_a_mail_that_fails_is_sent_again_under_the_same_key(service: Service, mailbox: Mailbox) -> None:
    mailbox.failures.put(503)

    service.call("POST", "/v1/registrations", {"email": "late@shop.example"}, x_forwarded_for="192.0.2.3")

    key, mail = mailbox.next()
    assert key.startswith("registration-mail:")
    assert mail["to"] == "late@shop.example"
    assert mailbox.failures.empty()


def test_a_registration_tells_only_the_owner_of_the_address_that_it_is_known(
    service: Service, mailbox: Mailbox, seller: Account
) -> None:
    answers = []
    for email in (seller.email, "nobody@shop.example"):
        answer = service.call("POST", "/v1/registrations", {"email": email}, x_forwarded_for="192.0.2.4")
        answers.append((answer.status, answer.text))

    mails = {mail["to"]: mail["text"] for _, mail in (mailbox.next(), mailbox.next())}
    assert answers == [(202, "")] * 2
    assert "account already" in mails[seller.email]
    assert "/register#" in mails["nobody@shop.example"]


def test_a_link_is_good_once_and_for_a_password_that_is_long_enough(service: Service, mailbox: Mailbox) -> None:
    service.call("POST", "/v1/registrations", {"email": "once@shop.example"}, x_forwarded_for="192.0.2.5")
    token = mailbox.next()[1]["text"].partition("#")[2]

    def follow(token: str, password: str) -> int:
        return service.call("POST", "/v1/users", {"token": token, "password": password, "tenant": "Once"}).status

    long = "long enough to be one"
    assert follow(token, "short") == 422
    row, _, signature = token.partition(".")
    assert follow(f"{row}.{signature[::-1]}", long) == 422
    assert follow(f"{row}.", long) == 422
    assert [follow(token, long), follow(token, long)] == [201, 422]


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(service: Service, seller: Account) -> None:
    told = []
    for email in (seller.email, "unknown@shop.example"):
        login = {"email": email, "password": "not the password"}
        answer = service.call("POST", "/v1/sessions", login, x_forwarded_for="192.0.2.6")
        told.append((answer.status, answer.json["type"], answer.json["detail"]))

    assert told[0] == told[1]
    assert told[0][0] == 401


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_session(service: Service, seller: Account) -> None:
    login = {"email": seller.email, "password": seller.password}
    first = service.call("POST", "/v1/sessions", login, x_forwarded_for="192.0.2.7").json["refreshToken"]

    def refresh(token: str) -> tuple[int, str]:
        answer = service.call("POST", "/v1/tokens", {"refreshToken": token})
        return answer.status, answer.json.get("refreshToken", "")

    status, second = refresh(first)
    assert status == 201
    assert second not in {"", first}
    assert refresh(first)[0] == 401
    assert refresh(second)[0] == 401
    assert service.tells("refresh token reused")


def test_after_a_logout_the_refresh_token_is_spent(service: Service, seller: Account) -> None:
    login = {"email": seller.email, "password": seller.password}
    token = service.call("POST", "/v1/sessions", login, x_forwarded_for="192.0.2.8").json["refreshToken"]

    assert service.call("POST", "/v1/revocations", {"refreshToken": token}).status == 204
    assert service.call("POST", "/v1/tokens", {"refreshToken": token}).status == 401


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer a.b.c", "Basic YTpi"])
def test_a_closed_route_takes_an_access_token(service: Service, header: str | None) -> None:
    answer = service.call("GET", "/v1/orders", **({"authorization": header} if header else {}))

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_the_unsecured_kind_is_refused(service: Service, seller: Account) -> None:
    header = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"  # {"alg":"none","typ":"at+jwt"}
    token = f"{header}.{seller.tokens['accessToken'].split('.')[1]}."

    assert service.call("GET", "/v1/orders", authorization=f"Bearer {token}").status == 401


def test_an_invalid_request_is_answered_with_what_to_change(seller: Account) -> None:
    order = {"currency": "EUR", "lines": [{"sku": "A-17", "quantity": "2", "price": 0}], "role": "admin"}

    answer = seller.call("POST", "/v1/orders", order, idempotency_key="invalid")

    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json["type"] == "https://shop.example/problems/invalid-request"
    assert {error["pointer"] for error in answer.json["errors"]} == {"#/lines/0/quantity", "#/lines/0", "#/"}


def test_a_list_is_paged_without_a_repeat_or_a_gap(seller: Account) -> None:
    made = [seller.call("POST", "/v1/orders", ORDER, idempotency_key=f"page-{n}").json["id"] for n in range(7)]

    seen, path = [], "/v1/orders?limit=3"
    while path:
        page = seller.call("GET", path).json
        assert len(page["items"]) <= 3
        seen += [order["id"] for order in page["items"]]
        path = f"/v1/orders?limit=3&cursor={page['next']}" if page["next"] else ""

    assert len(seen) == len(set(seen))
    assert [order for order in seen if order in made] == made[::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "cursor=bm9uZQ", "cursor=%00", f"cursor={YEAR_0}", "order=up"]
)
def test_a_list_refuses_what_it_does_not_know(seller: Account, query: str) -> None:
    answer = seller.call("GET", f"/v1/orders?{query}")

    assert answer.status == 422
    assert "parameter" in answer.json["errors"][0]


def test_a_repeated_post_is_done_once(seller: Account) -> None:
    def left() -> int:
        order = {**ORDER, "lines": [{"sku": "A-17", "quantity": 999}]}
        detail = seller.call("POST", "/v1/orders", order, idempotency_key="too-much").json["errors"][0]["detail"]
        return int(detail.rpartition(" ")[2])

    before = left()
    answers = [seller.call("POST", "/v1/orders", ORDER, idempotency_key="twice") for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert left() == before - 2
    other = {**ORDER, "lines": [{"sku": "A-17", "quantity": 1}]}
    assert seller.call("POST", "/v1/orders", other, idempotency_key="twice").status == 422


def test_an_edit_takes_the_version_that_was_read(seller: Account) -> None:
    path = seller.call("POST", "/v1/orders", ORDER, idempotency_key="edit").headers["location"]
    tag = seller.call("GET", path).headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert seller.call("GET", path, if_none_match=known).status == 304
    assert seller.call("GET", path, if_none_match='"other"').status == 200
    assert seller.call("PATCH", path, {"reference": "PO 7"}).status == 428
    edited = seller.call("PATCH", path, {"reference": "PO 7"}, if_match=tag)
    assert (edited.status, edited.json["reference"]) == (200, "PO 7")
    assert edited.headers["etag"] != tag
    assert seller.call("PATCH", path, {"reference": "PO 8"}, if_match=tag).status == 412


def test_another_tenant_has_nothing_of_it(seller: Account, stranger: Account) -> None:
    path = seller.call("POST", "/v1/orders", ORDER, idempotency_key="mine").headers["location"]

    assert stranger.call("GET", path).status == 404
    assert stranger.call("PATCH", path, {"reference": "theirs"}, if_match='"v1"').status == 404
    assert stranger.call("GET", "/v1/orders").json == {"items": [], "next": None}
    assert stranger.call("POST", "/v1/orders", ORDER, idempotency_key="mine").status == 409


def test_a_clerk_sees_and_does_only_their_own(service: Service, postgres: Postgres, seller: Account) -> None:
    path = seller.call("POST", "/v1/orders", ORDER, idempotency_key="manager").headers["location"]
    postgres.run(
        "shop",
        "INSERT INTO users (id, tenant_id, email, role, password_hash) SELECT gen_random_uuid(), tenant_id, "
        "'clerk@shop.example', 'clerk', password_hash FROM users WHERE email = 'seller@shop.example'",
    )
    login = {"email": "clerk@shop.example", "password": seller.password}
    tokens = service.call("POST", "/v1/sessions", login, x_forwarded_for="192.0.2.9").json
    clerk = Account(service, login["email"], login["password"], tokens)

    assert clerk.call("GET", path).status == 404
    assert clerk.call("GET", "/v1/orders").json["items"] == []
    product = {"priceMinor": 1, "currency": "EUR", "available": 1}
    assert clerk.call("PUT", "/v1/products/A-17", product).status == 403
    own = clerk.call("POST", "/v1/orders", ORDER, idempotency_key="clerk").headers["location"]
    assert clerk.call("GET", own).status == 200
    assert seller.call("GET", own).status == 200


def test_graphql_answers_from_the_same_data_within_its_bounds(seller: Account) -> None:
    seller.call("POST", "/v1/orders", ORDER, idempotency_key="graph")

    def ask(query: str) -> tuple[int, dict[str, object]]:
        answer = seller.call("POST", "/graphql", {"query": query})
        return answer.status, answer.json

    status, found = ask("{ orders(limit: 1) { items { totalMinor owner { email } } } }")
    assert (status, found) == (
        200,
        {"data": {"orders": {"items": [{"totalMinor": "500", "owner": {"email": seller.email}}]}}},
    )
    costly = " ".join(f"a{n}: orders {{ items {{ id owner {{ id }} }} }}" for n in range(5))
    spread = (
        "query { orders { ...a } } fragment a on OrderPage { " + "...b " * 12 + "} fragment b on OrderPage { next }"
    )
    unpaid = f"{{ {costly} credit: orders(limit: -1000) {{ items {{ id }} }} }}"
    for query in (f"{{ {costly} }}", unpaid, spread, "{ __schema { types { name } } }", "{ orders { itemz } }", "{"):
        status, found = ask(query)
        assert (status, found["type"]) == (422, "https://shop.example/problems/invalid-query"), query
        assert "Did you mean" not in str(found["detail"])


def test_the_contract_is_openapi_of_what_is_served(service: Service) -> None:
    contract = service.call("GET", "/openapi.json").json

    validate(contract)
    create = contract["paths"]["/v1/orders"]["post"]
    assert create["security"] == [{"bearer": []}]
    assert [parameter["name"] for parameter in create["parameters"]] == ["idempotency-key"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] is False
    assert contract["paths"]["/v1/sessions"]["post"]["security"] == []


def test_too_many_logins_are_told_when_to_come_back(service: Service) -> None:
    login = {"email": "victim@shop.example", "password": "guess"}

    answers = [service.call("POST", "/v1/sessions", login, x_forwarded_for=f"198.51.100.{n}") for n in range(12)]

    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert answers[-1].headers["retry-after"] == "30"


def test_what_is_not_known_is_a_problem_without_details(service: Service, seller: Account) -> None:
    missing = service.call("GET", "/v1/nothing?secret=1")
    broken = seller.call("POST", "/v1/orders", idempotency_key="empty", content_type="application/json")

    assert (missing.status, missing.json["title"]) == (404, "not found")
    assert "secret" not in missing.text
    assert broken.status == 400
    assert broken.headers["content-type"] == "application/problem+json"


def test_no_log_entry_holds_a_credential(service: Service, seller: Account) -> None:
    log = json.dumps(service.log)

    assert seller.password not in log
    assert seller.tokens["accessToken"] not in log
    assert seller.tokens["refreshToken"] not in log


def test_measurements_are_by_route_and_on_a_port_of_their_own(
    compiled: SampleProject, environment: dict[str, str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with start_service(compiled, {**environment, "METRICS_PORT": str(port)}) as other:
        other.call("GET", "/v1/orders/0195f7c2-8e1b-7c3a-9d10-5b1f6c0f9a11")

        metrics = dataclasses.replace(other, port=port).call("GET", "/metrics").text

        assert 'route="/v1/orders/:id",status="401"} 1' in metrics
        assert other.call("GET", "/metrics").status == 404


def test_a_stop_lets_requests_end_and_answers_not_ready_meanwhile(
    compiled: SampleProject, environment: dict[str, str], seller: Account
) -> None:
    with start_service(compiled, {**environment, "DRAIN_MS": "3000"}) as other:
        assert other.call("GET", "/readyz").status == 200
        running = http.client.HTTPConnection("127.0.0.1", other.port, timeout=30)
        login = json.dumps({"email": seller.email, "password": seller.password})
        headers = {"content-type": "application/json", "x-forwarded-for": "192.0.2.10"}
        running.request("POST", "/v1/sessions", login, headers)

        other.process.terminate()
        while other.call("GET", "/readyz").status == 200:
            pass

        answer = running.getresponse()
        assert answer.status == 201
        assert other.call("GET", "/livez").status == 200
        assert other.process.wait(20) == 0
        answer.close()
        running.close()
    assert other.log[-1]["msg"] == "stopped"


def test_a_wrong_configuration_ends_the_start_with_names_and_without_values(
    compiled: SampleProject, environment: dict[str, str]
) -> None:
    wrong = {**environment, "PORT": "99999", "SIGNING_KEYS": "{hidden", "LINK_SECRET": "too short"}

    words = ["node", str(compiled.built / "src/main.js")]
    done = subprocess.run(words, env=wrong, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert all(name in done.stderr for name in ("PORT", "SIGNING_KEYS", "LINK_SECRET"))
    assert "hidden" not in done.stderr
    assert "too short" not in done.stderr
