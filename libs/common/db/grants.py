"""Schemas, roles and rights: what a service may do in its own schema, and nowhere else.

Must never give a service's role the right to change or delete an append-only record.
"""

from libs.common.db.engine import role_of

# Append-only: tables named "audit" (also "x_audit", "audit_p0"), and those whose comment says so.
APPEND_ONLY = "append-only"

_PREPARE = """
SELECT pg_advisory_xact_lock(hashtext('sunlight migrate'));
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} NOLOGIN;
    END IF;
EXCEPTION
    -- roles belong to the whole server: another database's migration was first
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
    IF NOT pg_has_role(current_user, '{role}', 'SET') THEN
        GRANT {role} TO CURRENT_USER;
    END IF;
END $$;
CREATE SCHEMA IF NOT EXISTS {service};
"""

_GRANT = """
GRANT USAGE ON SCHEMA {service} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {service} TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {service} TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {service}
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA {service} GRANT USAGE, SELECT ON SEQUENCES TO {role};
DO $$
DECLARE
    tab regclass;
BEGIN
    FOR tab IN
        SELECT oid FROM pg_class
        WHERE relnamespace = '{service}'::regnamespace AND relkind IN ('r', 'p')
          AND (relname ~ '(^|_)audit(_|$)' OR obj_description(oid, 'pg_class') = '{append_only}')
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM {role}', tab);
    END LOOP;
END $$;
REVOKE INSERT, UPDATE, DELETE ON {service}.alembic_version FROM {role};
"""


def prepare_sql(service: str) -> str:
    """Statements that make a service's schema and role, one migration at a time."""
    return _PREPARE.format(service=service, role=role_of(service))


def grant_sql(service: str) -> str:
    """Statements that give a service's role its rights on what the migrations made."""
    return _GRANT.format(service=service, role=role_of(service), append_only=APPEND_ONLY)
