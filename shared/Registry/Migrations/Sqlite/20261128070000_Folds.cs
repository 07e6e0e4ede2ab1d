using System;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Sqlite
{
    /// <summary>Folds of cross-validations.</summary>
    [DbContext(typeof(SqliteRegistry))]
    [Migration("20261128070000_Folds")]
    public partial class Folds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "folds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    pipeline_run_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    repeat = table.Column<int>(type: "INTEGER", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    train_rows = table.Column<long>(type: "INTEGER", nullable: false),
                    held_out_rows = table.Column<long>(type: "INTEGER", nullable: false),
                    metrics = table.Column<string>(type: "TEXT", nullable: false),
                    predictions_digest = table.Column<string>(type: "TEXT", nullable: false),
                    epochs = table.Column<int>(type: "INTEGER", nullable: false),
                    best_epoch = table.Column<int>(type: "INTEGER", nullable: false),
                    device = table.Column<string>(type: "TEXT", nullable: false),
                    backend = table.Column<string>(type: "TEXT", nullable: false),
                    code_version = table.Column<string>(type: "TEXT", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_folds", x => x.id);
                    table.ForeignKey(
                        name: "fk_folds_pipeline_runs_pipeline_run_id",
                        column: x => x.pipeline_run_id,
                        principalTable: "pipeline_runs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_folds_pipeline_run_id_repeat_number",
                table: "folds",
                columns: new[] { "pipeline_run_id", "repeat", "number" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "folds");
        }
    }
}
