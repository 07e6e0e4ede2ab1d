using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Sqlite
{
    /// <summary>Makes the database refuse to change or delete audit entries.</summary>
    public partial class AuditAppendOnly : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            foreach (var change in new[] { "UPDATE", "DELETE" })
                migrationBuilder.Sql(
                    $"""
                    CREATE TRIGGER audit_entries_no_{change.ToLowerInvariant()} BEFORE {change} ON audit_entries
                    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
                    """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER audit_entries_no_update");
            migrationBuilder.Sql("DROP TRIGGER audit_entries_no_delete");
        }
    }
}
