"""What the loader asks of the data set, as DuckDB SQL over its parquet files.

Traps of the data: times are naive UTC; discounts are positive; fuel quantities are no units;
promotions are one row group of 20.9 million rows, so only the columns that are needed are read.
"""

# The regular price is the median over this many days on which the product sold.
PRICE_DAYS = 56
PROMOTION_SHARE = 0.95
CLEARANCE_SHARE = 1 / 3

LAST_WEEK_PROMOTIONS = """
CREATE TEMP TABLE promoted AS
SELECT DISTINCT product_id, store_id, placement
FROM (
    SELECT product_id, store_id,
           unnest([CASE WHEN mailer_location <> '0' THEN 'mailer' END,
                   CASE WHEN display_location <> '0' THEN 'display' END]) AS placement
    FROM promotions
    WHERE week = (SELECT max(week) FROM transactions)
)
WHERE placement IS NOT NULL
"""

# A lower price of the last week counts from five percent off on. Below a third of the regular price
# it is the till clearing out one last piece. A regular price of one cent stands for none.
PRICES = f"""
CREATE TEMP TABLE prices AS
WITH unit AS (
    SELECT product_id, week,
           (sales_value + retail_disc + coupon_match_disc) / quantity AS regular,
           (sales_value + coupon_match_disc) / quantity AS loyalty,
           dense_rank() OVER (
               PARTITION BY product_id ORDER BY transaction_timestamp::DATE DESC
           ) AS days_ago
    FROM transactions
    WHERE quantity > 0 AND sales_value + retail_disc + coupon_match_disc > 0
), regular AS (
    SELECT product_id, round(100 * median(regular))::BIGINT AS price
    FROM unit
    WHERE days_ago <= {PRICE_DAYS}
    GROUP BY product_id
), loyalty AS (
    SELECT product_id, round(100 * median(loyalty))::BIGINT AS price
    FROM unit
    WHERE week = (SELECT max(week) FROM transactions)
      AND product_id IN (SELECT product_id FROM promoted)
    GROUP BY product_id
)
SELECT regular.product_id, regular.price AS regular_price,
       CASE WHEN loyalty.price BETWEEN {CLEARANCE_SHARE} * regular.price
                                   AND {PROMOTION_SHARE} * regular.price
            THEN loyalty.price ELSE regular.price END AS price
FROM regular LEFT JOIN loyalty USING (product_id)
WHERE regular.price > 1
"""

SOLD = """
SELECT products.product_id::VARCHAR, department, product_category, product_type, package_size,
       brand = 'Private', regular_price, price,
       price < regular_price,
       count(*), sum(greatest(quantity, 1))::BIGINT
FROM products
JOIN prices USING (product_id)
JOIN transactions USING (product_id)
GROUP BY ALL
ORDER BY 1
"""

OFFERED = "CREATE TEMP TABLE offered AS SELECT unnest(?::BIGINT[]) AS product_id"

OFFERED_LINES = """
CREATE TEMP TABLE offered_lines AS
SELECT basket_id, household_id, store_id, transaction_timestamp AS placed_at, product_id,
       greatest(quantity, 1) AS quantity,
       greatest(round(100 * (sales_value - coupon_disc)), 0)::BIGINT AS total
FROM transactions
WHERE product_id IN (SELECT product_id FROM offered)
"""

ORDERS = """
SELECT basket_id::VARCHAR, any_value(household_id)::VARCHAR, min(placed_at),
       sum(total)::BIGINT
FROM offered_lines
GROUP BY basket_id
ORDER BY basket_id::VARCHAR
"""

LINES = """
SELECT basket_id::VARCHAR, row_number() OVER (PARTITION BY basket_id ORDER BY product_id),
       product_id::VARCHAR, quantity, total
FROM offered_lines
ORDER BY basket_id::VARCHAR, 2
"""

# A shopper's usual location holds most of their orders; of several, the one visited last.
SHOPPERS = """
WITH visits AS (
    SELECT household_id, store_id, count(DISTINCT basket_id) AS orders, max(placed_at) AS last
    FROM offered_lines
    GROUP BY ALL
)
SELECT household_id::VARCHAR, arg_max(store_id, (orders, last, store_id))::VARCHAR
FROM visits
GROUP BY household_id
ORDER BY household_id::VARCHAR
"""

PROMOTIONS = """
SELECT store_id::VARCHAR, product_id::VARCHAR, placement
FROM promoted
WHERE product_id IN (SELECT product_id FROM offered)
ORDER BY ALL
"""

COUNTS = """
SELECT count(DISTINCT product_id), count(DISTINCT household_id), count(DISTINCT basket_id),
       count(*),
       (SELECT count(*) FROM promoted WHERE product_id IN (SELECT product_id FROM offered))
FROM offered_lines
"""
