using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Sqlite
{
    /// <summary>Retries, cancelled work, checkpoints, failed messages, and runs from elsewhere.</summary>
    public partial class UnderFaults : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "pk_pipeline_outcomes",
                table: "pipeline_outcomes");

            migrationBuilder.AddColumn<string>(
                name: "checkpoint",
                table: "work_items",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "attempt",
                table: "pipeline_outcomes",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<Guid>(
                name: "dead_letter_id",
                table: "outbox_messages",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AlterColumn<Guid>(
                name: "pipeline_run_id",
                table: "model_versions",
                type: "TEXT",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "TEXT");

            migrationBuilder.AddColumn<Guid>(
                name: "external_run_id",
                table: "model_versions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "pk_pipeline_outcomes",
                table: "pipeline_outcomes",
                columns: new[] { "pipeline_run_id", "attempt" });

            migrationBuilder.CreateTable(
                name: "dead_letters",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    queue = table.Column<string>(type: "TEXT", nullable: false),
                    message_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    failed_at = table.Column<string>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    pipeline_run_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    detail = table.Column<string>(type: "TEXT", nullable: false),
                    content_type = table.Column<string>(type: "TEXT", nullable: false),
                    body = table.Column<byte[]>(type: "BLOB", nullable: false),
                    state = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_dead_letters", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "external_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false),
                    parameters = table.Column<string>(type: "TEXT", nullable: false),
                    dataset_digest = table.Column<string>(type: "TEXT", nullable: false),
                    dataset_version_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_external_runs", x => x.id);
                    table.ForeignKey(
                        name: "fk_external_runs_dataset_versions_dataset_version_id",
                        column: x => x.dataset_version_id,
                        principalTable: "dataset_versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "pipeline_retries",
                columns: table => new
                {
                    pipeline_run_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pipeline_retries", x => new { x.pipeline_run_id, x.attempt });
                    table.ForeignKey(
                        name: "fk_pipeline_retries_pipeline_outcomes_pipeline_run_id_attempt",
                        columns: x => new { x.pipeline_run_id, x.attempt },
                        principalTable: "pipeline_outcomes",
                        principalColumns: new[] { "pipeline_run_id", "attempt" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_model_versions_external_run_id",
                table: "model_versions",
                column: "external_run_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_inbox_messages_handled_at",
                table: "inbox_messages",
                column: "handled_at");

            migrationBuilder.CreateIndex(
                name: "ix_dead_letters_id",
                table: "dead_letters",
                column: "id",
                filter: "state = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "ix_dead_letters_pipeline_run_id",
                table: "dead_letters",
                column: "pipeline_run_id");

            migrationBuilder.CreateIndex(
                name: "ix_dead_letters_queue_message_id_failed_at",
                table: "dead_letters",
                columns: new[] { "queue", "message_id", "failed_at" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_external_runs_dataset_version_id",
                table: "external_runs",
                column: "dataset_version_id");

            migrationBuilder.CreateIndex(
                name: "ix_external_runs_name_id",
                table: "external_runs",
                columns: new[] { "name", "id" });

            migrationBuilder.AddForeignKey(
                name: "fk_model_versions_external_runs_external_run_id",
                table: "model_versions",
                column: "external_run_id",
                principalTable: "external_runs",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_model_versions_external_runs_external_run_id",
                table: "model_versions");

            migrationBuilder.DropTable(
                name: "dead_letters");

            migrationBuilder.DropTable(
                name: "external_runs");

            migrationBuilder.DropTable(
                name: "pipeline_retries");

            migrationBuilder.DropPrimaryKey(
                name: "pk_pipeline_outcomes",
                table: "pipeline_outcomes");

            migrationBuilder.DropIndex(
                name: "ix_model_versions_external_run_id",
                table: "model_versions");

            migrationBuilder.DropIndex(
                name: "ix_inbox_messages_handled_at",
                table: "inbox_messages");

            migrationBuilder.DropColumn(
                name: "checkpoint",
                table: "work_items");

            migrationBuilder.DropColumn(
                name: "attempt",
                table: "pipeline_outcomes");

            migrationBuilder.DropColumn(
                name: "dead_letter_id",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "external_run_id",
                table: "model_versions");

            migrationBuilder.AlterColumn<Guid>(
                name: "pipeline_run_id",
                table: "model_versions",
                type: "TEXT",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "TEXT",
                oldNullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "pk_pipeline_outcomes",
                table: "pipeline_outcomes",
                column: "pipeline_run_id");
        }
    }
}
