using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>Indexes in the order in which work is claimed and runs from elsewhere are listed.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261124195329_ReadInOrder")]
    public partial class ReadInOrder : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_work_items_kind_due_at",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_external_runs_name_id",
                table: "external_runs");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind_due_at_id",
                table: "work_items",
                columns: new[] { "kind", "due_at", "id" },
                filter: "state IN ('Queued', 'Leased')");

            migrationBuilder.CreateIndex(
                name: "ix_external_runs_created_at_id",
                table: "external_runs",
                columns: new[] { "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_external_runs_name_created_at_id",
                table: "external_runs",
                columns: new[] { "name", "created_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_work_items_kind_due_at_id",
                table: "work_items");

            migrationBuilder.DropIndex(
                name: "ix_external_runs_created_at_id",
                table: "external_runs");

            migrationBuilder.DropIndex(
                name: "ix_external_runs_name_created_at_id",
                table: "external_runs");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_kind_due_at",
                table: "work_items",
                columns: new[] { "kind", "due_at" },
                filter: "state IN ('Queued', 'Leased')");

            migrationBuilder.CreateIndex(
                name: "ix_external_runs_name_id",
                table: "external_runs",
                columns: new[] { "name", "id" });
        }
    }
}
