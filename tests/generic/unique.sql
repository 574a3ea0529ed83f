{#
    unique: no two rows have the same values in the column, or in all of `columns`. Nulls are different from each
    other. Returns each value that repeats, with the number of its rows.

    columns  for several columns: the test then stands under the model

    tests:
      - unique: { columns: [interval_start, symbol] }
#}
{% test unique(model, column_name=none, columns=none) %}
{%- set key = columns if columns else [column_name] %}
select
    {{ key | join(',\n    ') }},
    count(*) as rows
from {{ model }}
where {{ key | join(' is not null and ') }} is not null
group by {{ key | join(', ') }}
having count(*) > 1
{% endtest %}
