import unittest

import agent_path  # noqa: F401
import ferretdb_client
import ferretdb_users
import firewall
import mysql_client
import postgresql_cluster
from engines import mysql, postgresql, redis
from scram import decoded, encoded, stored_keys
from settings import Settings

# The example of RFC 7677, as PostgreSQL stores it.
RFC_7677 = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


class PasswordsTest(unittest.TestCase):
    def test_scram_keys_are_those_of_the_rfc(self):
        stored_key, server_key = stored_keys("pencil", decoded("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)
        self.assertTrue(RFC_7677.endswith(f"${encoded(stored_key)}:{encoded(server_key)}"))

    def test_postgresql_knows_a_password_by_its_verifier(self):
        self.assertTrue(postgresql.matches("pencil", RFC_7677))
        self.assertFalse(postgresql.matches("pen", RFC_7677))
        self.assertFalse(postgresql.matches("pencil", "md5abc"))
        self.assertTrue(postgresql.matches("new-password", postgresql.verifier_of("new-password")))

    def test_users_take_turns(self):
        settings = Settings("app", "app")
        self.assertEqual((settings.users, settings.other_user), (["app", "app_b"], "app_b"))
        settings.current_user = "app_b"
        self.assertEqual(settings.other_user, "app")


class QuotingTest(unittest.TestCase):
    def test_names_and_texts_cannot_leave_their_quotes(self):
        self.assertEqual(postgresql_cluster.identifier('a"b'), '"a""b"')
        self.assertEqual(postgresql_cluster.literal("a'b"), "'a''b'")
        self.assertEqual(mysql_client.literal("a'b\\"), "'a''b\\\\'")
        self.assertEqual(mysql_client.identifier("a`b"), "`a``b`")
        self.assertEqual(mysql_client.pattern("a_b"), "`a\\_b`")


class SettingsTest(unittest.TestCase):
    def test_memory_follows_the_plan(self):
        memory = postgresql_cluster.memory_settings(1024, 1)
        self.assertEqual((memory["shared_buffers_mib"], memory["effective_cache_size_mib"]), (256, 614))
        self.assertEqual(mysql.memory_settings(1024)["buffer_pool_mib"], 512)

    def test_the_network_reaches_postgresql_over_tls_only(self):
        settings = Settings("app", "app", trusted_sources=["10.88.0.0/24"])
        self.assertEqual(
            postgresql.access_lines(settings), ['hostssl "app" +"app_owner" 10.88.0.0/24 scram-sha-256']
        )

    def test_redis_has_no_plain_port(self):
        self.assertIn("\nport 0\n", redis.SETTINGS)


class FirewallTest(unittest.TestCase):
    def test_only_trusted_sources_reach_the_port(self):
        rules = firewall.rules(5432, ["10.88.0.0/24", "192.168.1.7/32", "fd00::/64"])
        self.assertIn("ip saddr { 10.88.0.0/24, 192.168.1.7/32 } tcp dport 5432 accept", rules)
        self.assertIn("ip6 saddr { fd00::/64 } tcp dport 5432 accept", rules)
        self.assertIn("policy drop", rules)
        self.assertLess(rules.index("tcp dport 5432 drop"), rules.index("ct state established"))


class FerretdbTest(unittest.TestCase):
    def test_a_string_is_found_in_an_answer(self):
        answer = ferretdb_client.message(ferretdb_client.text(b"version", b"7.0.77"))
        self.assertEqual(ferretdb_client.string_field(answer, b"version"), "7.0.77")

    def test_a_users_type_lists_its_fields(self):
        self.assertEqual(sorted(ferretdb_users.USER_TYPE["p"]), sorted(ferretdb_users.USER_TYPE["$k"]))
