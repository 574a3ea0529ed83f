{#
    accepted_values: every value is one of a list; null is not looked at. Returns each other value and how often it
    occurs.

    values  the list
    quote   false if the values are numbers or SQL expressions

    columns:
      source:
        tests: [{ accepted_values: { values: [ws, rest, archive] } }]
#}
{% test accepted_values(model, column_name, values, quote=true) %}
select
    {{ column_name }} as value,
    count(*) as rows
from {{ model }}
where
    {{ column_name }} not in (
        {%- for value in values %}
        {% if quote %}'{{ value | replace("'", "''") }}'{% else %}{{ value }}{% endif %}{% if not loop.last %},{% endif %}
        {%- endfor %}
    )
group by {{ column_name }}
{% endtest %}
