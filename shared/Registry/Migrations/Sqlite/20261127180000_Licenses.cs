using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Sqlite
{
    /// <summary>Models of which nobody knows what they were trained on, and the licenses of those that were made elsewhere.</summary>
    [DbContext(typeof(SqliteRegistry))]
    [Migration("20261127180000_Licenses")]
    public partial class Licenses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // SQLite changes no column: another takes its place.
            migrationBuilder.Sql("ALTER TABLE external_runs ADD COLUMN known_digest TEXT NULL");
            migrationBuilder.Sql("UPDATE external_runs SET known_digest = dataset_digest");
            migrationBuilder.Sql("ALTER TABLE external_runs DROP COLUMN dataset_digest");
            migrationBuilder.Sql("ALTER TABLE external_runs RENAME COLUMN known_digest TO dataset_digest");

            migrationBuilder.AddColumn<string>(
                name: "license",
                table: "external_runs",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "license",
                table: "external_runs");

            migrationBuilder.Sql("ALTER TABLE external_runs ADD COLUMN known_digest TEXT NOT NULL DEFAULT ''");
            migrationBuilder.Sql("UPDATE external_runs SET known_digest = COALESCE(dataset_digest, '')");
            migrationBuilder.Sql("ALTER TABLE external_runs DROP COLUMN dataset_digest");
            migrationBuilder.Sql("ALTER TABLE external_runs RENAME COLUMN known_digest TO dataset_digest");
        }
    }
}
