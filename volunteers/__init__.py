"""双报到: party members and residents who report in to a community, their teams, services and credit points.

Above `reports`: teams are called to a report, and reports know nothing of them."""
