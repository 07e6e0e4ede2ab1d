using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>An index in the order in which events are published, of those that wait.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261125175500_FindDueEvents")]
    public partial class FindDueEvents : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_outbox_messages_published_at_due_at",
                table: "outbox_messages");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_due_at_id",
                table: "outbox_messages",
                columns: new[] { "due_at", "id" },
                filter: "published_at IS NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_outbox_messages_due_at_id",
                table: "outbox_messages");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_messages_published_at_due_at",
                table: "outbox_messages",
                columns: new[] { "published_at", "due_at" });
        }
    }
}
