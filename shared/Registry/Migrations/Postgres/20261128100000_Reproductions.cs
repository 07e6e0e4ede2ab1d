using System;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>Trainings that are done again.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261128100000_Reproductions")]
    public partial class Reproductions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "reproduction_requests",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    pipeline_run_id = table.Column<Guid>(type: "uuid", nullable: false),
                    training_run_id = table.Column<Guid>(type: "uuid", nullable: false),
                    model_version_id = table.Column<Guid>(type: "uuid", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reproduction_requests", x => x.id);
                    table.ForeignKey(
                        name: "fk_reproduction_requests_model_versions_model_version_id",
                        column: x => x.model_version_id,
                        principalTable: "model_versions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_reproduction_requests_training_runs_training_run_id",
                        column: x => x.training_run_id,
                        principalTable: "training_runs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "reproductions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    verdict = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    digest = table.Column<string>(type: "text", nullable: true),
                    largest_difference = table.Column<double>(type: "double precision", nullable: true),
                    metrics = table.Column<string>(type: "text", nullable: false),
                    backend = table.Column<string>(type: "text", nullable: true),
                    code_version = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "text", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reproductions", x => x.id);
                    table.ForeignKey(
                        name: "fk_reproductions_reproduction_requests_id",
                        column: x => x.id,
                        principalTable: "reproduction_requests",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(name: "ix_reproduction_requests_model_version_id", table: "reproduction_requests", column: "model_version_id");

            migrationBuilder.CreateIndex(name: "ix_reproduction_requests_pipeline_run_id", table: "reproduction_requests", column: "pipeline_run_id");

            migrationBuilder.CreateIndex(name: "ix_reproduction_requests_training_run_id", table: "reproduction_requests", column: "training_run_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "reproductions");

            migrationBuilder.DropTable(name: "reproduction_requests");
        }
    }
}
