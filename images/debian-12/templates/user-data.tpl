{% if config_get("cloud-init.user-data", "") == "" %}#cloud-config
{}
{% else %}{{ config_get("cloud-init.user-data", "") }}
{% endif %}
