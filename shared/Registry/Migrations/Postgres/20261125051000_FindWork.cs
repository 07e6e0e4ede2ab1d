using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>An index for each way in which work is looked for: that waits, that is leased, that was given up.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261125051000_FindWork")]
    public partial class FindWork : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_work_items_kind_due_at_id",
                table: "work_items");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind",
                table: "work_items",
                column: "kind",
                filter: "state = 'Failed'");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind_requirement_due_at_id",
                table: "work_items",
                columns: new[] { "kind", "requirement", "due_at", "id" },
                filter: "state = 'Queued'");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind_requirement_lease_expires_at",
                table: "work_items",
                columns: new[] { "kind", "requirement", "lease_expires_at" },
                filter: "state = 'Leased'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_work_items_kind",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_work_items_kind_requirement_due_at_id",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_work_items_kind_requirement_lease_expires_at",
                table: "work_items");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind_due_at_id",
                table: "work_items",
                columns: new[] { "kind", "due_at", "id" },
                filter: "state IN ('Queued', 'Leased')");
        }
    }
}
