using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>
    /// Appends to the audit log within the database: one call, which holds the log's end for the shortest time, and the only
    /// way for a service's role. It is given entries as <see cref="Audit.AuditChain.TextOf"/> has them, from after their number
    /// on, and takes the columns from that text, so that what is kept is what was hashed.
    /// </summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261124192000_AppendAudit")]
    public partial class AppendAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                CREATE FUNCTION append_audit_entries(texts text[])
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

                REVOKE EXECUTE ON FUNCTION append_audit_entries FROM PUBLIC;
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("DROP FUNCTION append_audit_entries;");
    }
}
