using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>
    /// Takes the notifications out of the transactions of which there are many, those that add events or move work:
    /// see <see cref="Durability.RegistryNotifier"/>.
    /// </summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261124205500_QuietCommits")]
    public partial class QuietCommits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                DROP TRIGGER outbox_messages_notify ON outbox_messages;
                DROP TRIGGER work_items_notify_run ON work_items;
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                CREATE TRIGGER outbox_messages_notify AFTER INSERT ON outbox_messages
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_outbox');

                CREATE TRIGGER work_items_notify_run AFTER INSERT OR UPDATE OF state ON work_items
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_run');
                """);
    }
}
