{#
    is_changed(columns): condition that a new row differs from the old one, nulls compared like values.

    For strategy upsert, whose update_when calls the two rows `old` and `new`: rows that are equal are not written.

    columns  list of column names
    returns  boolean expression

    {{ is_changed(['price', 'volume']) }}
    ->  (old.price, old.volume) is distinct from (new.price, new.volume)
#}
{% macro is_changed(columns) -%}
    (old.{{ columns | join(', old.') }}) is distinct from (new.{{ columns | join(', new.') }})
{%- endmacro %}


{#
    is_newer(column): condition that a new row is not older than the old one, so that an upsert run again with old
    rows changes nothing.

    column   the column that says which row is newer; a row without it loses to one that has it
    returns  boolean expression

    {{ is_newer('received_at') }}
    ->  (old.received_at is null or new.received_at >= old.received_at)
#}
{% macro is_newer(column) -%}
    (old.{{ column }} is null or new.{{ column }} >= old.{{ column }})
{%- endmacro %}


{#
    best_row(relation, key, preference): one row per key, the first in the order of preference.

    relation    relation to choose from
    key         list of columns that name a row; a timestamp first sorts fastest
    preference  list of order-by terms that settles every tie
    returns     a select of all columns

    {{ best_row('reported', ['traded_at', 'trade_id'], ['received_at', 'sequence']) }}
    ->  select distinct on (traded_at, trade_id) * from reported order by traded_at, trade_id, received_at, sequence
#}
{% macro best_row(relation, key, preference) -%}
select distinct on ({{ key | join(', ') }}) *
from {{ relation }}
order by
    {{ key | join(',\n    ') }},
    {{ preference | join(',\n    ') }}
{%- endmacro %}
