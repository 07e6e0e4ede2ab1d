using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>What trainings and folds were made of and took, and how far those are that go on.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261128080000_TrainingDetails")]
    public partial class TrainingDetails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(name: "details", table: "training_runs", type: "text", nullable: true);
            migrationBuilder.AddColumn<string>(name: "details", table: "folds", type: "text", nullable: true);
            migrationBuilder.AddColumn<string>(name: "progress", table: "work_items", type: "text", nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(name: "details", table: "training_runs");
            migrationBuilder.DropColumn(name: "details", table: "folds");
            migrationBuilder.DropColumn(name: "progress", table: "work_items");
        }
    }
}
