using System;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mlops.Registry.Migrations.Postgres
{
    /// <summary>Compressions that are done again, and what each was done with.</summary>
    [DbContext(typeof(PostgresRegistry))]
    [Migration("20261129190000_ReproducedVariants")]
    public partial class ReproducedVariants : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(name: "variant_id", table: "reproduction_requests", type: "uuid", nullable: true);

            migrationBuilder.AddForeignKey(
                name: "fk_reproduction_requests_model_versions_variant_id",
                table: "reproduction_requests",
                column: "variant_id",
                principalTable: "model_versions",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.CreateIndex(name: "ix_reproduction_requests_variant_id", table: "reproduction_requests", column: "variant_id");

            migrationBuilder.AddColumn<string>(name: "variant", table: "reproductions", type: "text", nullable: true);

            migrationBuilder.AddColumn<string>(name: "backend", table: "compressions", type: "text", nullable: true);

            migrationBuilder.AddColumn<string>(name: "code_version", table: "compressions", type: "text", nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(name: "code_version", table: "compressions");

            migrationBuilder.DropColumn(name: "backend", table: "compressions");

            migrationBuilder.DropColumn(name: "variant", table: "reproductions");

            migrationBuilder.DropIndex(name: "ix_reproduction_requests_variant_id", table: "reproduction_requests");

            migrationBuilder.DropForeignKey(name: "fk_reproduction_requests_model_versions_variant_id", table: "reproduction_requests");

            migrationBuilder.DropColumn(name: "variant_id", table: "reproduction_requests");
        }
    }
}
