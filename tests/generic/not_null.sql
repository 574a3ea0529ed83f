{#
    not_null: every row has a value in the column. Returns the rows that have none.

    columns:
      open:
        tests: [not_null]
#}
{% test not_null(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} is null
{% endtest %}
