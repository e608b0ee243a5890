"""The work of crates/albedo-migrate/benches/schema.rs, done by Alembic: `migrate_alembic.py POSTGRES_URL`.

One line each: name, seconds; the best of several rounds.
"""

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import api
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.pool import StaticPool

TABLES = 500
ROUNDS = 5


def tables(changed: bool) -> sa.MetaData:
    metadata = sa.MetaData()
    for table in range(TABLES):
        columns = [sa.Column("id", sa.Uuid, primary_key=True)]
        for number in range(4):
            wide = changed and number == 2
            columns += [
                sa.Column(f"name_{number}", sa.String(200 if wide else 100), nullable=False),
                sa.Column(f"count_{number}", sa.Integer, nullable=False, server_default="0"),
                sa.Column(f"note_{number}", sa.Text),
                sa.Column(f"at_{number}", sa.DateTime(timezone=True)),
            ]
        columns += [
            sa.Column("price", sa.Numeric(10, 2)),
            sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
            sa.Column("parent_id", sa.Uuid, sa.ForeignKey(f"table_{max(table - 1, 0):03}.id", name=f"fk_table_{table:03}_parent_id")),
        ]
        if changed:
            columns.append(sa.Column("added", sa.Text))
        name = f"table_{table:03}"
        made = sa.Table(
            name,
            metadata,
            *columns,
            sa.UniqueConstraint("name_0", "name_1", name=f"uq_{name}_name_0_name_1"),
            sa.CheckConstraint("price >= 0", name=f"ck_{name}_price"),
        )
        sa.Index(f"ix_{name}_count_0_at_0", made.c.count_0, made.c.at_0)
        if changed:
            sa.Index(f"ix_{name}_added", made.c.added)
    return metadata


def best(work, rounds=ROUNDS):
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begun)
    return min(times), result


def postgres(url: str) -> None:
    engine = sa.create_engine(url.replace("postgres://", "postgresql+psycopg://"))
    tables(False).create_all(engine)

    def reflect():
        metadata = sa.MetaData()
        with engine.connect() as connection:
            metadata.reflect(connection)
        return metadata

    seconds, found = best(reflect, 3)
    assert len(found.tables) == TABLES
    print(f"inspect {seconds:.4f}")
    target = tables(True)

    def autogenerate():
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            script = api.produce_migrations(context, target)
            return api.render_python_code(script.upgrade_ops) + api.render_python_code(script.downgrade_ops)

    seconds, text = best(autogenerate, 3)
    assert text.count("add_column") == TABLES and text.count("alter_column") == 2 * TABLES
    # Alembic knows no schema but that of a database, so its figure has the reading in it.
    print(f"autogenerate {seconds:.4f}")


BODIES = [
    "op.create_table('{table}', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(80), nullable=False))",
    "op.add_column('{table}', sa.Column('size', sa.Integer, nullable=False, server_default='0'))",
    "op.create_index('ix_{table}_name', '{table}', ['name'])",
    "op.alter_column('{table}', 'size', new_column_name='length')",
    "batch.create_check_constraint('ck_{table}_length', 'length >= 0')",
]

ENV = """
from alembic import context
context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
"""


def replay() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "versions").mkdir()
        (root / "env.py").write_text(ENV)
        for number in range(1000):
            body = BODIES[number % 5].format(table=f"t{number // 5}")
            if number % 5 in (3, 4):
                body = f"with op.batch_alter_table('t{number // 5}') as batch:\n        " + body.replace(
                    f"op.alter_column('t{number // 5}', ", "batch.alter_column("
                )
            parent = f"'r{number - 1:04}'" if number else "None"
            (root / "versions" / f"r{number:04}.py").write_text(
                f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'r{number:04}'\ndown_revision = {parent}\n"
                f"branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n    {body}\n"
            )

        def run():
            config = Config()
            config.set_main_option("script_location", folder)
            engine = sa.create_engine("sqlite://", poolclass=StaticPool)
            with engine.connect() as connection, contextlib.redirect_stderr(io.StringIO()):
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                assert len(sa.inspect(connection).get_table_names()) == 201

        # The first round compiles the files, as ours are compiled before.
        seconds, _ = best(run, 3)
        print(f"replay {seconds:.4f}")


replay()
postgres(sys.argv[1])
