using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>Tells listening processes what was committed; see <see cref="Durability.RegistryListener"/>.</summary>
    public partial class Notifications : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                CREATE FUNCTION notify_channel() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_notify(TG_ARGV[0], ''); RETURN NULL; END $$;

                CREATE FUNCTION notify_work() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_notify('mlops_work', NEW.kind); RETURN NULL; END $$;

                CREATE TRIGGER outbox_messages_notify AFTER INSERT ON outbox_messages
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_outbox');

                CREATE TRIGGER work_items_notify_work AFTER INSERT OR UPDATE OF state ON work_items
                FOR EACH ROW WHEN (NEW.state = 'Queued') EXECUTE FUNCTION notify_work();

                CREATE TRIGGER work_items_notify_run AFTER INSERT OR UPDATE OF state ON work_items
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_run');

                CREATE TRIGGER pipeline_outcomes_notify_run AFTER INSERT ON pipeline_outcomes
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_run');

                CREATE TRIGGER pipeline_retries_notify_run AFTER INSERT ON pipeline_retries
                FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('mlops_run');
                """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql(
                """
                DROP TRIGGER pipeline_retries_notify_run ON pipeline_retries;
                DROP TRIGGER pipeline_outcomes_notify_run ON pipeline_outcomes;
                DROP TRIGGER work_items_notify_run ON work_items;
                DROP TRIGGER work_items_notify_work ON work_items;
                DROP TRIGGER outbox_messages_notify ON outbox_messages;
                DROP FUNCTION notify_work();
                DROP FUNCTION notify_channel();
                """);
    }
}
