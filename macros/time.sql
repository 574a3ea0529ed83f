{#
    bucket_of(time, width): start of the `width` bucket that `time` falls in.

    time     timestamptz column or expression
    width    interval literal of any length without months: '5 minutes', '1 hour', '7 days'.
             Buckets of a width that divides a day begin at midnight UTC; others are counted from Saturday, 2000-01-01
    returns  timestamptz

    {{ bucket_of('interval_start', '5 minutes') }}
    ->  date_bin('5 minutes', interval_start, '2000-01-01T00:00:00Z')
#}
{% macro bucket_of(time, width) -%}
    date_bin('{{ width }}', {{ time }}, '2000-01-01T00:00:00Z')
{%- endmacro %}


{#
    first_by(value, time): `value` of the row with the smallest `time` in a group.

    value    column or expression
    time     what orders the rows; must be different in each row of the group, or name more columns to settle ties
    returns  the type of value; null if the first row's value is null

    {{ first_by('price', 'traded_at, trade_id') }}
    ->  (array_agg(price order by traded_at, trade_id))[1]
#}
{% macro first_by(value, time) -%}
    (array_agg({{ value }} order by {{ time }}))[1]
{%- endmacro %}


{#
    last_by(value, time): `value` of the row with the largest `time` in a group.

    value    column or expression
    time     one column or expression, different in each row of the group
    returns  the type of value; null if the last row's value is null

    {{ last_by('price', 'traded_at') }}
    ->  (array_agg(price order by traded_at desc))[1]
#}
{% macro last_by(value, time) -%}
    (array_agg({{ value }} order by {{ time }} desc))[1]
{%- endmacro %}
