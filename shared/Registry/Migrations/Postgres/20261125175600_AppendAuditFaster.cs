using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>The same as <see cref="AppendAudit"/>, which read each entry's text once for every column and now reads it once.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261125175600_AppendAuditFaster")]
    public partial class AppendAuditFaster : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION append_audit_entries(texts text[])
                RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
                $$
                DECLARE
                    number bigint;
                    previous text;
                    next text;
                    content text;
                BEGIN
                    PERFORM pg_advisory_xact_lock(hashtextextended('audit', 0));
                    SELECT sequence, hash INTO number, previous FROM audit_entries ORDER BY sequence DESC LIMIT 1;
                    number := coalesce(number, 0);
                    previous := coalesce(previous, repeat('0', 64));
                    FOR i IN 1 .. cardinality(texts) LOOP
                        number := number + 1;
                        content := '{"sequence":' || number || texts[i];
                        next := encode(sha256(decode(previous, 'hex') || convert_to(content, 'UTF8')), 'hex');
                        INSERT INTO audit_entries (sequence, at, actor, action, subject_id, data, previous_hash, hash)
                        SELECT number, entry.at, entry.actor, entry.action, entry."subjectId", entry.data::text, previous, next
                        FROM json_to_record(content::json) AS entry(at timestamptz, actor text, action text, "subjectId" uuid, data json);
                        previous := next;
                    END LOOP;
                END
                $$;
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                CREATE OR REPLACE FUNCTION append_audit_entries(texts text[])
                RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS
                $$
                DECLARE
                    number bigint;
                    previous text;
                    next text;
                    content text;
                    entry json;
                BEGIN
                    PERFORM pg_advisory_xact_lock(hashtextextended('audit', 0));
                    SELECT sequence, hash INTO number, previous FROM audit_entries ORDER BY sequence DESC LIMIT 1;
                    number := coalesce(number, 0);
                    previous := coalesce(previous, repeat('0', 64));
                    FOR i IN 1 .. cardinality(texts) LOOP
                        number := number + 1;
                        content := '{"sequence":' || number || texts[i];
                        entry := content::json;
                        next := encode(sha256(decode(previous, 'hex') || convert_to(content, 'UTF8')), 'hex');
                        INSERT INTO audit_entries (sequence, at, actor, action, subject_id, data, previous_hash, hash)
                        VALUES (number, (entry ->> 'at')::timestamptz, entry ->> 'actor', entry ->> 'action', (entry ->> 'subjectId')::uuid,
                            (entry -> 'data')::text, previous, next);
                        previous := next;
                    END LOOP;
                END
                $$;
                """);
    }
}
