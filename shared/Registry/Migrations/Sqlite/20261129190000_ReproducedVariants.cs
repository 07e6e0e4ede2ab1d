using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Sqlite
{
    /// <summary>Compressions that are done again, and what each was done with.</summary>
    [DbContext(typeof(SqliteRegistry))]
    [Migration("20261129190000_ReproducedVariants")]
    public partial class ReproducedVariants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // SQLite gives a foreign key to a column as it is added, or not at all.
            migrationBuilder.Sql("ALTER TABLE reproduction_requests ADD COLUMN variant_id TEXT NULL CONSTRAINT fk_reproduction_requests_model_versions_variant_id REFERENCES model_versions (id) ON DELETE RESTRICT");

            migrationBuilder.CreateIndex(name: "ix_reproduction_requests_variant_id", table: "reproduction_requests", column: "variant_id");

            migrationBuilder.AddColumn<string>(name: "variant", table: "reproductions", type: "TEXT", nullable: true);

            migrationBuilder.AddColumn<string>(name: "backend", table: "compressions", type: "TEXT", nullable: true);

            migrationBuilder.AddColumn<string>(name: "code_version", table: "compressions", type: "TEXT", nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(name: "code_version", table: "compressions");

            migrationBuilder.DropColumn(name: "backend", table: "compressions");

            migrationBuilder.DropColumn(name: "variant", table: "reproductions");

            migrationBuilder.DropIndex(name: "ix_reproduction_requests_variant_id", table: "reproduction_requests");

            migrationBuilder.DropColumn(name: "variant_id", table: "reproduction_requests");
        }
    }
}
